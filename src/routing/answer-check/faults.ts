import { isInAnotherLanguage } from './languages.ts';
import type { AnswerReading } from './read-answer.ts';
import { readJson } from './read-json.ts';
import type { PromptReading } from './read-prompt.ts';
import { asksForRepetition, isAboutCode } from './task-of.ts';

/** Something that needs no model to be held against an answer. */
export type Fault = {
  /** A code, for the books. */
  readonly name: string;
  /** Says what the answer does, as the rest of a sentence that begins with "it". */
  readonly words: string;
  /** Is the answer none at all? Else there may be a good reason for it. */
  readonly isCertain: boolean;
};

type Rule = Fault & { readonly applies: (prompt: PromptReading, answer: AnswerReading) => boolean };

const JSON_ASKED =
  /\b(?:respond|reply|answer|return|output|give|produce|format|antworte|responde|réponds|rispondi)\b[^.\n]{0,60}\bjson\b|\bas (?:valid )?json\b/gi;
/** A sentence that begins so asks about JSON, not for it: `How do I return JSON from Flask?` */
const ABOUT_JSON =
  /^\W*(?:how (?:to|do|does|can|could|should|would|is|are)|why|should|is|are|do|does|did|can (?:i|we)|could (?:i|we)|explain (?:how|why)|what (?:does|happens)|wie|warum|cómo|comment|pourquoi|come|perché)\b/i;
/** The JSON that is asked about: `Name the keys of this JSON`, `Answer from the following JSON`; not the one of `Answer in …`. */
const GIVEN_JSON =
  /\b(?:this|these|that|those|my|our)(?: (?!as |in |into |to |with |a |valid )\w+){0,2} json$|\b(?:about|by|from|(?<!^\w+ )in|of|on|using)(?: only)? (?:the|following|given)(?: \w+){0,3} json$/i;
/** Behind it: `in the following JSON format`. */
const FORM = /^[ -]{0,2}(?:format|schema|structure|shape|form|template|syntax|notation)/i;
const SENTENCE_CHARS_MAX = 300;
const REFUSAL =
  /^(?:i['’]m sorry,? (?:but )?|i am sorry,? (?:but )?|sorry,? (?:but )?|unfortunately,? )?(?:i (?:cannot|can['’]t|can not|won['’]t|am unable to|am not able to)|i['’]m (?:unable|not able) to|as an ai\b|ich kann (?:leider )?(?:nicht|keine)|es tut mir leid|lo siento, (?:pero )?no puedo|no puedo|je suis désolée?,? (?:mais )?je ne peux|je ne peux pas|mi dispiace,? (?:ma )?non posso|non posso|desculpe,? (?:mas )?não posso|não posso|я не могу|к сожалению,? я|我无法|我不能|申し訳|죄송)/i;
const REFUSAL_CHARS_MAX = 500;
/** What is said in such an answer is somebody else's. */
const REWORDING_ASKED =
  /translat|übersetz|tradu|vertaal|перев|翻译|翻訳|번역|\b(?:re-?phras|paraphras|re-?word|re-?writ|proofread)/i;
/** A message that is to be written may decline something itself, in the words of its sender: `Sorry, I can't come`. */
const MESSAGE_ASKED =
  /(?<!\p{L})(?:writ|draft|compos|repl(?:y|ies)|respond|schreib|verfass|formulier|antwort|escrib|redact|écri|rédig|répon|scriv|rispond|escrev|redij)[^.?!\n]{0,80}(?<!\p{L})(?:messag|texts?(?!\p{L})|sms|e-?mails?|letter|notes?(?!\p{L})|repl(?:y|ies)|apolog|excus|refusal|nachricht|brief|absage|entschuldigung|mensaj|correo|carta|disculpa|mensag|lettre|scus|desculpa)/iu;
/** What a model says that it cannot do. */
const SERVICE =
  /(?<!\p{L})(?:help|assist|writ|draft|compos|creat|generat|provid|produc|compl[iey]|fulfil|engag|do (?:that|this)|an ai|request|helfen|schreib|verfass|erstell|anfrage|ayudar|escrib|solicitud|aider|écri|rédig|demande|aiutar|scriv|richiest|ajudar|escrev|pedido)|помо|帮|协助|提供|お手伝い|お答え|도와|도움/iu;
const REFUSED_WITHIN_CHARS = 80;
/** Ends that promise more: a comma, an opening bracket, or a word that governs the next one. */
const CUT_OFF = /[,([{:=+*/-]$|\b(?:the|an?|of|and|or|to|with|is|are|we|und|der|die|das|de|la|el|le|et|y)$/i;
const CUT_OFF_CHARS_MIN = 200;
const CUT_OFF_CHARS = 20;
/** Many a model forgets to close its code block. */
const ENDED = /[.!?;})\]>"'`]$/;
/** A statement shorter than this, or without a word, may well be repeated: a bracket, a row of a table. */
const STATEMENT_CHARS_MIN = 20;
const LOOP_STATEMENTS_MIN = 8;
const LOOP_SHARE_MAX = 0.3;
const RUN_CHARS = 200;
/** Fewer than three times in a run may be meant. */
const PERIOD_CHARS_MAX = Math.floor(RUN_CHARS / 3);

/** Code and JSON are in no language. */
const DATA = /```|^\s{0,8}[[{]/;

/** In the order in which they are looked for; the first is told. */
const RULES: readonly Rule[] = [
  {
    name: 'empty_answer',
    words: 'it says nothing',
    isCertain: true,
    applies: (_, { text }) => !/[\p{L}\p{N}\p{S}]/u.test(text),
  },
  {
    name: 'declined',
    words: 'it declines to answer',
    isCertain: true,
    applies: (prompt, { text }) => text.length <= REFUSAL_CHARS_MAX && declines(prompt.text, text.trim()),
  },
  {
    name: 'looping',
    words: 'it repeats itself over and over',
    isCertain: true,
    applies: ({ text }, answer) =>
      (isLoop(answer) || (isRunning(answer) && !isAboutCode(text))) && !asksForRepetition(text),
  },
  {
    name: 'not_json',
    words: 'it holds no JSON, which was asked for',
    isCertain: true,
    applies: ({ text }, answer) => asksForJson(text) && !isAboutCode(text) && readJson(answer.whole) === undefined,
  },
  {
    name: 'unknown_option',
    words: 'it chooses an option that is not there',
    isCertain: true,
    applies: ({ options }, { final }) =>
      options.length > 0 && final.kind === 'option' && !options.some(({ letter }) => letter === final.letter),
  },
  { name: 'cut_off', words: 'it breaks off', isCertain: false, applies: (_, { text }) => isCutOff(text.trimEnd()) },
  {
    name: 'other_language',
    words: 'it is in another language than the question',
    isCertain: false,
    applies: (prompt, { text }) =>
      !isAboutCode(prompt.text) && !DATA.test(text) && isInAnotherLanguage(prompt.text, text),
  },
];

/** The codes of all faults. */
export const FAULT_NAMES: readonly string[] = RULES.map(({ name }) => name);

/** The first thing that is plainly wrong with an answer, if anything is. */
export function findFault(prompt: PromptReading, answer: AnswerReading): Fault | undefined {
  return RULES.find(({ applies }) => applies(prompt, answer));
}

function declines(prompt: string, answer: string): boolean {
  if (!REFUSAL.test(answer) || REWORDING_ASKED.test(prompt)) return false;
  return !MESSAGE_ASKED.test(prompt) || SERVICE.test(answer.slice(0, REFUSED_WITHIN_CHARS));
}

function asksForJson(prompt: string): boolean {
  return [...prompt.matchAll(JSON_ASKED)].some(({ 0: asked, index }) => {
    const before = prompt.slice(Math.max(0, index - SENTENCE_CHARS_MAX), index);
    const sentence = before.split(/[.!?:;\n]/).at(-1) as string;
    if (ABOUT_JSON.test(sentence) || /\bhow\b/i.test(asked)) return false;
    return !GIVEN_JSON.test(asked) || FORM.test(prompt.slice(index + asked.length));
  });
}

function isCutOff(text: string): boolean {
  const isInFence = text.split('```').length % 2 === 0;
  if (isInFence && !ENDED.test(text)) return true;
  return text.length >= CUT_OFF_CHARS_MIN && CUT_OFF.test(text.slice(-CUT_OFF_CHARS));
}

/** The end of a text says the same few things again, or the same few letters. */
function isLoop({ text, statements }: AnswerReading): boolean {
  const long = statements.filter((statement) => statement.length >= STATEMENT_CHARS_MIN && /\p{L}/u.test(statement));
  const share = new Set(long).size / long.length;
  if (long.length >= LOOP_STATEMENTS_MIN && share <= LOOP_SHARE_MAX) return true;
  const end = endOf(text);
  return end.length === RUN_CHARS && new Set(end.match(/[\p{L}\p{N}]/gu)).size === 1;
}

/** The end of a text is the same few words over and over, without a stop. */
function isRunning({ text }: AnswerReading): boolean {
  const end = endOf(text);
  return end.length === RUN_CHARS && /\p{L}/u.test(end) && comesAgain(end);
}

function endOf(text: string): string {
  return text.trimEnd().slice(-RUN_CHARS);
}

function comesAgain(text: string): boolean {
  for (let period = 1; period <= PERIOD_CHARS_MAX; period += 1) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
