const NUMBER = /[-−]?\d[\d,\u00a0\u202f]*(?:\.\d+)?/g;
/** Where a worked answer says what it came to. */
const CUES = [/\\boxed\{([^{}]*)\}/g, /####\s*([^\n]+)/g, /\banswer\b[^\n]{0,20}?(?:\bis\b|[:=])\s*([^\n]+)/gi];
/** `B`, `(b) since …`, `B. Paris`, but no `A dog`. */
const OPTION = /^[\s*$"']*(?:\(([A-Ja-j])\)|([A-Ja-j])[\s*$"']*(?:$|[).:]))/;
/** Longer texts are no final answer but an essay. */
const SHORT_CHARACTERS_MAX = 40;

/**
 * What an answer comes to, so that two can be compared: a number, an option's letter, JSON, or a short text, each in
 * one spelling. Undefined for a text that comes to nothing so plain.
 */
export function finalAnswerOf(text: string): string | undefined {
  const trimmed = text.trim();
  const json = jsonOf(trimmed);
  if (json !== undefined) return json;
  const cued = lastCued(trimmed);
  if (cued !== undefined) return plain(cued);
  if (trimmed.length <= SHORT_CHARACTERS_MAX) return trimmed === '' ? undefined : plain(trimmed);
  return numberIn(trimmed.slice(trimmed.lastIndexOf('\n') + 1));
}

function lastCued(text: string): string | undefined {
  for (const cue of CUES) {
    const found = [...text.matchAll(cue)].at(-1)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function plain(text: string): string {
  const [, bracketed, bare] = OPTION.exec(text) ?? [];
  const option = bracketed ?? bare;
  if (option !== undefined) return option.toUpperCase();
  return (
    numberIn(text) ??
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
  );
}

/** The last number; the unit around it does not matter. */
function numberIn(text: string): string | undefined {
  const last = [...text.matchAll(NUMBER)].at(-1)?.[0];
  return last === undefined ? undefined : String(Number(last.replace('−', '-').replace(/[,\u00a0\u202f]/g, '')));
}

function jsonOf(text: string): string | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), sortedKeys);
  } catch {
    return undefined;
  }
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
