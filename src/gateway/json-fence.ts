import { type Choice, type Completion, completionText } from '../core/completion.ts';

/** Answers whose text is the JSON itself: callers parse it, and for them no fence is forgiven. */
export function withBareJson(completion: Completion): Completion {
  const { alternatives } = completion;
  return { ...bareChoice(completion), ...(alternatives && { alternatives: alternatives.map(bareChoice) }) };
}

function bareChoice<Any extends Choice>(choice: Any): Any {
  const text = completionText(choice);
  const bare = withoutFence(text);
  if (bare === text) return choice;
  const isText = ({ type }: Choice['content'][number]) => type === 'text';
  const at = choice.content.findIndex(isText);
  const rest = choice.content.filter((part) => !isText(part));
  return { ...choice, content: rest.toSpliced(at, 0, { type: 'text', text: bare.trim() }) };
}

/**
 * What stands within a Markdown fence; the text itself where there is none around all of it. By hand, since a regular
 * expression for it takes quadratic time on a long answer.
 */
export function withoutFence(text: string): string {
  const fenced = text.trim();
  const start = fenced.indexOf('\n') + 1;
  if (!opensFence(fenced.slice(0, start))) return text;
  return fenced.endsWith('```') ? fenced.slice(start, -3) : text;
}

/** Is this line the one above fenced JSON? */
export function opensFence(line: string): boolean {
  return FENCES.includes(line.trim());
}

/** May more of the line make it one? */
export function mayOpenFence(line: string): boolean {
  return FENCES.some((fence) => fence.startsWith(line.trim()));
}

const FENCES: readonly string[] = ['```', '```json'];
