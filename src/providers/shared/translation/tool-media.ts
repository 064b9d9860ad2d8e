import type { MediaPart, Message, TextPart, ToolResultPart } from '../../../core/message.ts';

/**
 * What the tools of the turn that ends at `index` showed, all that one showed after a line that names it:
 * for vendors whose tool results hold only text. Empty when that message is no tool's.
 */
export function shownBefore(messages: readonly Message[], index: number): readonly (TextPart | MediaPart)[] {
  let first = index + 1;
  while (messages[first - 1]?.role === 'tool') first -= 1;
  return messages
    .slice(first, index + 1)
    .flatMap(({ role, content }) => (role === 'tool' ? content.flatMap(shownBy) : []));
}

function shownBy({ toolName, media = [] }: ToolResultPart): readonly (TextPart | MediaPart)[] {
  return media.length === 0 ? [] : [{ type: 'text', text: `Shown by the tool ${toolName}:` }, ...media];
}
