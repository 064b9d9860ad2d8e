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

/** Words that make an English question one about numbers, units of time included: they are factors. */
const NUMBER_WORDS =
  /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|dozens?|half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|eighth|tenth|twice|thrice|(?:double|triple|quadruple)[sd]?|pairs?|couple|both|weeks?|weekly|weekend|day|hours?|minutes?|years?|months?|annual|yearly|percent)\b/gi;

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

/** How many words of a question state a number; English. */
export function countNumberWords(text: string): number {
  return text.match(NUMBER_WORDS)?.length ?? 0;
}

/** The same number but for rounding in the last place. */
export function sameNumber(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-6 * Math.max(1, Math.abs(one), Math.abs(other));
}
