/** What kind of answer a question wants; decides what can be checked. */
export type Task = 'arithmetic' | 'choice' | 'json' | 'code' | 'open';

const OPTION_LABEL = /(?:^|[\s(])([A-Za-z])[).:](?=\s)/g;
const OPTIONS_MIN = 3;
const JSON_WORDS = /\bjson\b/i;
const CODE_WORDS =
  /```|\b(?:write|implement|fix|refactor|complete) (?:a |an |the |this )?(?:\w+ )?(?:function|program|script|class|method|code|query|regex)\b|\bdef \w+\(|\bfunction \w+\(/i;
/** A question for a number: asked so, or numbers and a question mark in one text. */
const NUMBER_ASKED =
  /\b(?:how (?:many|much|long|far|old|tall|fast|often|load)|what (?:is|was|are|will be|percent(?:age)?|fraction|number)|calculate|compute|find|solve|evaluate|total|wie ?viele?|berechne|cuánt[oa]s?|calcula|combien|calcule[rz]?|quant[oaie]s?|calcola|hoeveel|ile)\b|сколько|скільки|多少|几|いくつ|何|몇|얼마/iu;

/** Told by the question alone. */
export function taskOf(prompt: string): Task {
  if (countOptions(prompt) >= OPTIONS_MIN) return 'choice';
  if (CODE_WORDS.test(prompt)) return 'code';
  const numbers = prompt.match(/\d+/g)?.length ?? 0;
  if (numbers >= 1 && NUMBER_ASKED.test(prompt) && !/\b(?:why|explain|describe|essay|summar)/i.test(prompt))
    return 'arithmetic';
  return JSON_WORDS.test(prompt) ? 'json' : 'open';
}

/** Options whose letters follow each other, the last such list. */
export function countOptions(prompt: string): number {
  let count = 0;
  for (const [, label] of prompt.matchAll(OPTION_LABEL)) {
    const place = (label as string).toLowerCase().charCodeAt(0) - 97;
    if (place === count) count += 1;
    else if (place === 0) count = 1;
  }
  return count;
}
