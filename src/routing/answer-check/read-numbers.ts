/**
 * A number with thousands in groups, or with a decimal point or comma, or with nothing before the point. `1.234,5` and
 * `1.234.567` are told from decimals by their form; `1.234` is taken for one, as English has it.
 */
export const NUMBER_PATTERN = [
  String.raw`\d{1,3}(?:\.\d{3}){1,6},\d{1,2}(?!\d)`,
  String.raw`\d{1,3}(?:\.\d{3}){2,6}(?![\d,])`,
  String.raw`\d{1,3}(?:[,'’\u00a0\u202f]\d{3}){1,6}(?!\d)(?:\.\d+)?`,
  String.raw`\d+(?:[.,]\d+)?`,
  String.raw`\.\d+`,
].join('|');

const NUMBER = new RegExp(
  `(?<![\\d.])(?<minus>(?<![\\p{L}\\p{N})])(?<![\\p{N})%] )[-−])?(?<digits>${NUMBER_PATTERN})(?<fraction> ?/ ?\\d+(?![\\d.]))?`,
  'gu',
);

/** Words that state a number in a question, as a question of arithmetic uses them. */
const NUMBER_WORDS: Readonly<Record<string, readonly number[]>> = {
  one: [1],
  two: [2],
  three: [3],
  four: [4],
  five: [5],
  six: [6],
  seven: [7],
  eight: [8],
  nine: [9],
  ten: [10],
  eleven: [11],
  twelve: [12],
  thirteen: [13],
  fourteen: [14],
  fifteen: [15],
  sixteen: [16],
  seventeen: [17],
  eighteen: [18],
  nineteen: [19],
  twenty: [20],
  thirty: [30],
  forty: [40],
  fifty: [50],
  sixty: [60],
  seventy: [70],
  eighty: [80],
  ninety: [90],
  hundred: [100],
  thousand: [1_000],
  million: [1e6],
  dozen: [12],
  dozens: [12],
  half: [0.5, 2],
  halves: [0.5, 2],
  third: [3, 1 / 3],
  thirds: [3, 1 / 3],
  quarter: [4, 0.25],
  quarters: [4, 0.25],
  fourth: [4, 0.25],
  fourths: [4, 0.25],
  fifth: [5, 0.2],
  fifths: [5, 0.2],
  sixth: [6, 1 / 6],
  eighth: [8, 0.125],
  tenth: [10, 0.1],
  twice: [2],
  double: [2],
  doubles: [2],
  doubled: [2],
  pair: [2],
  pairs: [2],
  couple: [2],
  both: [2],
  thrice: [3],
  triple: [3],
  triples: [3],
  tripled: [3],
  quadruple: [4],
  week: [7],
  weeks: [7],
  weekly: [7],
  weekend: [2],
  day: [24],
  hour: [60],
  hours: [60],
  minute: [60],
  minutes: [60],
  year: [12, 365, 52],
  years: [12, 365],
  month: [30, 4, 12],
  months: [30, 4, 12],
  annual: [12],
  yearly: [12],
  percent: [100],
};

/** Digits with their separators as a number. A comma before one or two digits at the end is a decimal one. */
export function parseNumber(digits: string): number {
  const decimals = decimalsOf(digits);
  const all = digits.replace(/[^\d]/g, '');
  return decimals === 0 ? Number(all) : Number(`${all.slice(0, -decimals)}.${all.slice(-decimals)}`);
}

/** Decimal places as written. */
export function decimalsOf(digits: string): number {
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma > point) return digits.length - comma <= 3 ? digits.length - comma - 1 : 0;
  return point < 0 || digits.indexOf('.') !== point ? 0 : digits.length - point - 1;
}

/** Every number a cleaned text states in digits, fractions worked out. */
export function readNumbers(text: string): readonly number[] {
  const numbers: number[] = [];
  for (const { groups } of text.matchAll(NUMBER)) {
    const { minus, digits, fraction } = groups as { minus?: string; digits: string; fraction?: string };
    const divisor = fraction === undefined ? 1 : Number(fraction.replace(/[ /]/g, ''));
    const value = parseNumber(digits) / (divisor || 1);
    if (Number.isFinite(value)) numbers.push(minus ? -value : value);
  }
  return numbers;
}

/** Numbers that the words of a question state, `twice` as 2; English. */
export function readNumberWords(text: string): readonly number[] {
  const found: number[] = [];
  for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g))
    found.push(...(Object.hasOwn(NUMBER_WORDS, word) ? (NUMBER_WORDS[word] as readonly number[]) : []));
  return found;
}

/** The same number but for rounding in the last place. */
export function sameNumber(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one), Math.abs(other));
}
