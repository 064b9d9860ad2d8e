/** What kind of answer a question wants; decides what can be checked. */
export type Task = 'arithmetic' | 'choice' | 'other';

const CODE_WORDS =
  /```|\b(?:write|implement|fix|refactor|complete) (?:a |an |the |this )?(?:\w+ )?(?:function|program|script|class|method|code|query|regex)\b|\bdef \w+\(|\bfunction \w+\(/i;
/** Asks for a count. */
const COUNT_ASKED =
  /\b(?:how (?:many|much)|wie ?viele?|cuánt[oa]s?|combien|quant[oaie]s?|hoeveel|ile)\b|сколько|скільки|多少|几|いくつ|몇|얼마/iu;
/** Asks for a number where the question is about numbers. */
const NUMBER_ASKED =
  /\b(?:how (?:long|far|old|tall|big|high|fast|often)|what (?:is|was|are|will be|would be|percent(?:age)?|fraction|number)|what['’]s|calculate|compute|find|solve|evaluate|total|berechne|calcula|calcule[rz]?|calcola)\b|何/iu;
const EXPLANATION_ASKED = /\b(?:why|explain|describe|essay|summar)/i;
/** No `do not repeat yourself`. */
const REPETITION_ASKED =
  /(?<!(?:\b(?:not|never|without|avoid|no|nicht|ohne|keine|sin|ne|sans|non|senza)|n['’]t) )\b(?:repeat|wiederhol|répèt|répét|repit|repet|ripet)|повтор|重复|重複|繰り返|반복|\b(?:write|say|print|type|schreib|escrib|écri|scriv)[^\n]{0,200} \d{1,5} (?:times|mal|veces|fois|volte)\b/i;
const NUMBERS_MIN = 2;

type Counts = { readonly options: number; readonly numbers: number; readonly numberWords: number };

/** Told by the question alone, and what it holds. */
export function taskOf(prompt: string, { options, numbers, numberWords }: Counts): Task {
  if (options > 0) return 'choice';
  if (CODE_WORDS.test(prompt) || EXPLANATION_ASKED.test(prompt)) return 'other';
  if (numbers + numberWords > 0 && COUNT_ASKED.test(prompt)) return 'arithmetic';
  return numbers >= NUMBERS_MIN && NUMBER_ASKED.test(prompt) ? 'arithmetic' : 'other';
}

/** Is a program asked for, or shown? */
export function isAboutCode(prompt: string): boolean {
  return CODE_WORDS.test(prompt);
}

/** Is the same wanted many times? */
export function asksForRepetition(prompt: string): boolean {
  return REPETITION_ASKED.test(prompt);
}
