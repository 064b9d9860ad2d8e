/** An answer that a question offers. */
export type Option = {
  /** Upper case. */
  readonly letter: string;
  readonly text: string;
};

const LABEL = /(?:^|[\s(])([A-Za-z])([).:])(?=\s)/g;
const OPTIONS_MIN = 3;
/** What ends the last option. */
const AFTER_OPTIONS = /\n\s{0,4}(?:answer|antwort|respuesta|réponse)\b/iu;
const LETTER_A = 97;

type Label = { readonly letter: string; readonly from: number; readonly to: number };

/** The longest list of at least three options whose labels follow each other, `A. Paris` or `(a) Paris`; else none. */
export function readOptions(prompt: string): readonly Option[] {
  const labels = findLabels(prompt);
  if (labels.length < OPTIONS_MIN) return [];
  return labels.map(({ letter, to }, at) => {
    const rest = prompt.slice(to, labels[at + 1]?.from ?? prompt.length);
    const end = at === labels.length - 1 ? rest.search(AFTER_OPTIONS) : -1;
    return { letter, text: (end < 0 ? rest : rest.slice(0, end)).trim() };
  });
}

/** Labels of one list are written alike: an option `A.` may hold an `(a)`. Of two lists as long the later one. */
function findLabels(prompt: string): readonly Label[] {
  let longest: readonly Label[] = [];
  const lists = new Map<string, Label[]>();
  for (const match of prompt.matchAll(LABEL)) {
    const [whole, letter = '', mark = ''] = match;
    const place = letter.toLowerCase().charCodeAt(0) - LETTER_A;
    const style = `${letter === letter.toUpperCase()}${mark}`;
    const list = (place > 0 && lists.get(style)) || [];
    if (place !== list.length) continue;
    list.push({ letter: letter.toUpperCase(), from: match.index, to: match.index + whole.length });
    lists.set(style, list);
    if (list.length >= longest.length) longest = list;
  }
  return longest;
}
