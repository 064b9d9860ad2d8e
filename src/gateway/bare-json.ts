import { type Choice, type Completion, completionText } from '../core/completion.ts';

/**
 * Before it, between these, stand the thoughts of a model whose server does not take them apart.
 * Source: github.com/langchain-ai/langchain/pull/35530, github.com/garrytan/gbrain/pull/2559.
 */
export const THOUGHTS = { opening: '<think>', closing: '</think>' } as const;

/** Answers whose text is the JSON itself: callers parse it, and for them nothing around it is forgiven. */
export function withBareJson(completion: Completion): Completion {
  const { alternatives } = completion;
  return { ...bareChoice(completion), ...(alternatives && { alternatives: alternatives.map(bareChoice) }) };
}

function bareChoice<Any extends Choice>(choice: Any): Any {
  const text = completionText(choice);
  const { thoughts, json } = jsonIn(text);
  if (json === text) return choice;
  const isText = ({ type }: Choice['content'][number]) => type === 'text';
  const at = choice.content.findIndex(isText);
  const rest = choice.content.filter((part) => !isText(part));
  const found: Choice['content'] = [
    ...(thoughts === '' ? [] : [{ type: 'reasoning', text: thoughts } as const]),
    { type: 'text', text: json.trim() },
  ];
  return { ...choice, content: rest.toSpliced(at, 0, ...found) };
}

/** The JSON without a Markdown fence around all of it and without thoughts before it; the text itself where there is neither. */
export function jsonIn(text: string): { readonly thoughts: string; readonly json: string } {
  const { opening, closing } = THOUGHTS;
  let thoughts = '';
  let rest = text;
  for (;;) {
    const begun = rest.trimStart();
    const end = begun.startsWith(opening) ? begun.indexOf(closing) : -1;
    if (end === -1) return { thoughts, json: withoutFence(rest) };
    thoughts += begun.slice(opening.length, end);
    rest = begun.slice(end + closing.length);
  }
}

/** By hand, since a regular expression for it takes quadratic time on a long answer. */
function withoutFence(text: string): string {
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
