/** Sixteen random characters are out of reach of guessing; words are not, but nobody can tell. */
const TOKEN_LENGTH_MIN = 16;
const TOKEN_LENGTH_MAX = 1_024;
const DISTINCT_CHARACTERS_MIN = 6;
const ADVICE = 'make one with "openssl rand -hex 32"';

/** What is wrong with a token; never repeats it. */
export function tokenFault(value: string): string | undefined {
  if (value === '') return `is empty; ${ADVICE}`;
  if (!/^[\x21-\x7e]+$/.test(value)) return `holds characters that a header cannot carry; ${ADVICE}`;
  if (value.length > TOKEN_LENGTH_MAX) return `is longer than ${TOKEN_LENGTH_MAX} characters; ${ADVICE}`;
  return undefined;
}

/** What makes a token easy to guess: guesses are slowed down, so it is used, but not in silence. */
export function tokenWeakness(value: string): string | undefined {
  if (value.length < TOKEN_LENGTH_MIN) return `is shorter than ${TOKEN_LENGTH_MIN} characters; ${ADVICE}`;
  return new Set(value).size < DISTINCT_CHARACTERS_MIN ? `is easy to guess; ${ADVICE}` : undefined;
}

/** A token's name is its tenant, which stands in books and reports. */
export function tokenNameFault(name: string, reservedPrefix: string): string | undefined {
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u.test(name)) return 'may hold letters, digits, spaces and . _ @ - only';
  if (name === 'local') return 'is taken: "local" is the tenant of stdio and the shell';
  return name.startsWith(reservedPrefix) ? `may not begin with "${reservedPrefix}"` : undefined;
}

/** An origin is compared letter by letter with what browsers send. */
export function originFault(origin: string): string | undefined {
  if (origin === '*') return 'may not be "*"; name each origin';
  const isExact = URL.canParse(origin) && /^https?:/.test(origin) && new URL(origin).origin === origin;
  return isExact ? undefined : 'must be a whole origin such as "https://app.example.com", without a path';
}
