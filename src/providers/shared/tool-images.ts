import type { ImagePart, Message, TextPart } from '../../core/message.ts';

/**
 * What the tools of the turn that ends at `index` showed, each image after a line that names its tool:
 * for vendors whose tool results hold only text. Empty when that message is no tool's.
 */
export function shownBefore(messages: readonly Message[], index: number): readonly (TextPart | ImagePart)[] {
  const shown: (TextPart | ImagePart)[] = [];
  for (let at = index; at >= 0; at--) {
    const message = messages[at];
    if (message?.role !== 'tool') break;
    shown.unshift(
      ...message.content.flatMap(({ toolName, images = [] }) =>
        images.length === 0 ? [] : [{ type: 'text', text: `Shown by the tool ${toolName}:` } as const, ...images],
      ),
    );
  }
  return shown;
}
