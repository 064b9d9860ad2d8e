const SCRIPTS = [
  ['Latin', /\p{Script=Latin}+/gu],
  ['Cyrillic', /\p{Script=Cyrillic}+/gu],
  ['Greek', /\p{Script=Greek}+/gu],
  ['Arabic', /\p{Script=Arabic}+/gu],
  ['Hebrew', /\p{Script=Hebrew}+/gu],
  ['Devanagari', /\p{Script=Devanagari}+/gu],
  ['Thai', /\p{Script=Thai}+/gu],
  ['Hangul', /\p{Script=Hangul}+/gu],
  // Japanese writes both; Chinese is told from it by the lack of kana, which does not matter here.
  ['East Asian', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu],
] as const;

/** The commonest short words that the others of these languages lack. */
const COMMON_WORDS: Readonly<Record<string, readonly string[]>> = {
  English: ['the', 'is', 'of', 'and', 'to', 'that', 'with', 'are', 'this', 'you', 'for', 'it'],
  German: ['der', 'die', 'das', 'und', 'ist', 'nicht', 'ein', 'eine', 'mit', 'für', 'wie', 'von'],
  French: ['le', 'les', 'est', 'et', 'dans', 'une', 'pour', 'avec', 'sur', 'vous', 'du', 'pas'],
  Spanish: ['el', 'los', 'las', 'que', 'una', 'para', 'con', 'por', 'del', 'es', 'más', 'cómo'],
  Italian: ['il', 'gli', 'che', 'alla', 'di', 'sono', 'della', 'per', 'non', 'nel', 'più', 'una'],
  Portuguese: ['ao', 'os', 'não', 'uma', 'em', 'pelo', 'com', 'do', 'da', 'são', 'mais', 'você'],
  Dutch: ['het', 'een', 'en', 'niet', 'van', 'zijn', 'voor', 'met', 'dat', 'wat', 'naar', 'ook'],
};

/** Says that an answer may be in another language than its question. */
const OTHER_LANGUAGE_ASKED =
  /translat|language|übersetz|sprache|tradu|langue|idioma|lingua|vertaal|перев|язык|мов[аоу]|翻译|翻訳|번역|\b(?:english|german|french|spanish|italian|portuguese|dutch|russian|ukrainian|polish|chinese|japanese|korean|arabic|hebrew|hindi|greek|thai|turkish|latin|englisch|deutsch|français|anglais|español|inglés|inglese|inglês|engels)\b|англ|英語|英语|영어/iu;

const PROMPT_LETTERS_MIN = 20;
const ANSWER_LETTERS_MIN = 40;
const MAIN_SHARE_MIN = 0.8;
const OTHER_SHARE_MAX = 0.05;
const WORDS_MIN = 4;
const LEAD_MIN = 3;

/**
 * Is the answer surely in another language than the question, and none was asked for? By its script; for the Latin
 * one by common words, where these leave no doubt.
 */
export function isInAnotherLanguage(prompt: string, answer: string): boolean {
  if (OTHER_LANGUAGE_ASKED.test(prompt)) return false;
  const asked = countScripts(prompt);
  const given = countScripts(answer);
  const [script, letters] = [...asked].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0]);
  const all = sumOf(asked.values());
  if (all < PROMPT_LETTERS_MIN || letters < MAIN_SHARE_MIN * all) return false;
  const answered = sumOf(given.values());
  if (answered >= ANSWER_LETTERS_MIN && (given.get(script) ?? 0) < OTHER_SHARE_MAX * answered) return true;
  if (script !== 'Latin') return false;
  const [own, other] = [mainLanguage(prompt), mainLanguage(answer)];
  return own !== undefined && other !== undefined && own !== other;
}

function countScripts(text: string): Map<string, number> {
  return new Map(
    SCRIPTS.map(([name, pattern]): [string, number] => [
      name,
      sumOf((text.match(pattern) ?? []).map((run) => run.length)),
    ]),
  );
}

/** The language of Latin letters of which by far the most common words are used; undefined when none leads clearly. */
function mainLanguage(text: string): string | undefined {
  const words = new Set(text.toLowerCase().match(/\p{L}+/gu));
  const counts = Object.entries(COMMON_WORDS).map(([language, common]): [string, number] => [
    language,
    common.filter((word) => words.has(word)).length,
  ]);
  const [first, second] = counts.toSorted((left, right) => right[1] - left[1]);
  if (!first || !second || first[1] < WORDS_MIN || first[1] < LEAD_MIN * second[1]) return undefined;
  return first[0];
}

function sumOf(numbers: Iterable<number>): number {
  return [...numbers].reduce((sum, number) => sum + number, 0);
}
