/** What the text is made of besides prose; each 0 or 1, so that a longer dump weighs no more. */
export type Structure = {
  readonly code: 0 | 1;
  readonly json: 0 | 1;
  readonly log: 0 | 1;
  readonly table: 0 | 1;
  readonly math: 0 | 1;
  /** Lines of a list: often one requirement each. */
  readonly listItems: number;
  /** Question marks that end something. */
  readonly questions: number;
};

const LINES_MAX = 400;
const LINE_CHARS_MAX = 300;
/** Fewer such lines are no code, no log and no table: most prompts, which are one line of prose, are not searched for them. */
const CODE_LINES_MIN = 2;
const LOG_LINES_MIN = 2;
const TABLE_LINES_MIN = 3;
const CODE_LINE =
  /[{};]\s*$|^\s*(?:def|class|function|fn|func|const|let|var|import|from|return|if|for|while|public|private|select|#include)\b.*[({:;='"]|=>|^\s*(?:\/\/|#!|<\/?[a-z])/;
const JSON_PAIR = /"[^"\\]{1,80}"\s*:/;
const LOG_LINE =
  /^\W{0,3}\d{4}-\d\d-\d\d[t ]\d\d:\d\d|^\W{0,3}\d\d:\d\d:\d\d|^\s*at\s+\S.{0,200}:\d+|\b(?:error|warn|warning|info|debug|fatal)\b\s*[:\]|]|^traceback|exception\b/;
const LIST_ITEM = /^\s*(?:[-*•‣·]|\d{1,2}[.)]|[a-z][.)])\s+\S/;
const MATH =
  /[∑∫∂√∞≤≥≠∀∃∈⇒]|\\(?:frac|int|sum|sqrt|begin)\b|[a-z0-9)]\s?[\^]\s?[({a-z0-9]|\b[a-z]\s?=\s?[-\da-z(]|\d\s?=\s?\d/;

const QUESTION_MARKS = ['?', '？', '؟', '⁇'] as const;
const QUESTION_MARK = /[?？؟⁇](?=[\s"'”»)\]*_]|$)/g;
/** Characters without which the expression beside them cannot match: most prose has few of them. */
const CODE_MARK = /[{};(:='"/#<]/;
const LOG_MARKS = [':', ']', '|', 'exception', 'traceback'] as const;
const MATH_MARK = /[=^\\∑∫∂√∞≤≥≠∀∃∈⇒]/;

/** Finds code, JSON, logs, tables, mathematics and lists. Every line is read once. */
export function detectStructure(text: string): Structure {
  let codeLines = 0;
  let jsonLines = 0;
  let logLines = 0;
  let tableLines = 0;
  let listItems = 0;
  const fences = text.includes('```');
  const lines = text.split('\n', LINES_MAX);
  const mayBeCode = lines.length >= CODE_LINES_MIN && CODE_MARK.test(text);
  const mayBeJson = text.includes('"') && text.includes(':');
  const mayBeLog = lines.length >= LOG_LINES_MIN && holdsOne(text, LOG_MARKS);
  const mayBeTable = lines.length >= TABLE_LINES_MIN;
  for (const whole of lines) {
    const line = whole.length > LINE_CHARS_MAX ? whole.slice(0, LINE_CHARS_MAX) : whole;
    if (line.length < 2) continue;
    if (LIST_ITEM.test(line)) listItems += 1;
    if (mayBeCode && CODE_LINE.test(line)) codeLines += 1;
    if (mayBeJson && JSON_PAIR.test(line)) jsonLines += 1;
    if (mayBeLog && LOG_LINE.test(line)) logLines += 1;
    if (mayBeTable && isTableLine(line)) tableLines += 1;
  }
  const json = jsonLines >= 2 || (jsonLines === 1 && /[{[]/.test(text) && /[}\]]/.test(text));
  return {
    code: fences || (codeLines >= CODE_LINES_MIN && !json) ? 1 : 0,
    json: json ? 1 : 0,
    log: logLines >= LOG_LINES_MIN ? 1 : 0,
    table: tableLines >= TABLE_LINES_MIN ? 1 : 0,
    math: MATH_MARK.test(text) && MATH.test(text.slice(0, LINES_MAX * 10)) ? 1 : 0,
    listItems,
    questions: holdsOne(text, QUESTION_MARKS) ? (text.match(QUESTION_MARK)?.length ?? 0) : 0,
  };
}

function holdsOne(text: string, marks: readonly string[]): boolean {
  return marks.some((mark) => text.includes(mark));
}

/** A row of cells: at least two dividers of one kind. Commas need three, for prose has them too. */
function isTableLine(line: string): boolean {
  return countOf(line, '|') >= 2 || countOf(line, '\t') >= 2 || (!line.includes(', ') && countOf(line, ',') >= 3);
}

function countOf(line: string, mark: string): number {
  let count = 0;
  for (let at = line.indexOf(mark); at >= 0; at = line.indexOf(mark, at + 1)) count += 1;
  return count;
}
