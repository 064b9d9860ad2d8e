import { type Ask, normaliseAsk, type Outline } from './normalise.ts';
import { type ReadRange, readWords } from './read-words.ts';
import { detectStructure } from './structure.ts';
import { measureWords, type WordRange } from './words.ts';

export const FEATURE_NAMES = [
  'words',
  'longWords',
  'task',
  'depth',
  'scale',
  'subject',
  'ease',
  'how',
  'why',
  'lookup',
  'furtherQuestions',
  'constraints',
  'listItems',
  'code',
  'json',
  'log',
  'table',
  'math',
  'previousAsk',
  'earlierTurns',
  'earlierToolResults',
  'images',
  'tools',
] as const;
export type FeatureName = (typeof FEATURE_NAMES)[number];

/** Plain numbers for the scorer, and for some of them the words they come from. */
export type RequestFeatures = {
  readonly values: Readonly<Record<FeatureName, number>>;
  readonly shown: Readonly<Partial<Record<FeatureName, string>>>;
  /** The turn is nothing but a greeting or thanks: no score is needed. */
  readonly smallTalk: boolean;
};

/** Features of the turn itself, without what surrounds it. */
type AskFeatures = { readonly shown: RequestFeatures['shown']; readonly values: Record<FeatureName, number> };

/** The instruction stands at the head or the tail; what is pasted between says little about it. */
const HEAD_WORDS_MAX = 64;
const TAIL_WORDS_MAX = 32;
/** A shorter turn in a conversation ("and for Vue?") means what the one before it meant. */
const FOLLOW_UP_WORDS_MAX = 8;

/** `scorePoints` lets a follow-up inherit from the turn before, whatever the scorer is. */
export function readRequest(
  { text, previousText, earlierTurns, earlierToolResults, images, tools }: Outline,
  scorePoints: (values: RequestFeatures['values']) => number,
): RequestFeatures {
  const ask = normaliseAsk(text);
  const { shown, values } = extractAskFeatures(ask);
  const followsUp = previousText !== undefined && values.words <= FOLLOW_UP_WORDS_MAX;
  values.previousAsk = followsUp ? scorePoints(extractAskFeatures(normaliseAsk(previousText)).values) : 0;
  values.earlierTurns = earlierTurns;
  values.earlierToolResults = earlierToolResults;
  values.images = images;
  values.tools = tools;
  return { shown, values, smallTalk: images === 0 && isSmallTalk(ask, previousText !== undefined) };
}

function extractAskFeatures({ text, words, asked, lengthRatio }: Ask): AskFeatures {
  const { task, depth, scale, subject, ease, how, why, lookup, longWords, constraints } = readWords(
    words,
    rangeToRead(asked),
  );
  const explained = task.points > 0 ? EXPLAINED_SHARE : 1;
  const { code, json, log, table, math, listItems, questions } = detectStructure(text);
  return {
    shown: { task: task.words, depth: depth.words, scale: scale.words, subject: subject.words, ease: ease.words },
    values: {
      words: measureWords(words, asked) * lengthRatio,
      longWords,
      task: task.points,
      depth: depth.points,
      scale: scale.points,
      subject: subject.points,
      ease: ease.points,
      how: how * explained,
      why: why * explained,
      lookup,
      furtherQuestions: Math.max(0, questions - 1),
      constraints,
      listItems,
      code,
      json,
      log,
      table,
      math,
      previousAsk: 0,
      earlierTurns: 0,
      earlierToolResults: 0,
      images: 0,
      tools: 0,
    },
  };
}

/** The head and the tail of what was asked, and what is only skimmed between them. */
function rangeToRead({ from, to }: WordRange): ReadRange {
  const isLong = to - from > HEAD_WORDS_MAX + TAIL_WORDS_MAX;
  return { from, skimFrom: isLong ? from + HEAD_WORDS_MAX : to, skimTo: isLong ? to - TAIL_WORDS_MAX : to, to };
}

/** "Yes" and "👍" are small talk alone; in a conversation they may set off a large piece of work. */
function isSmallTalk(ask: Ask, inConversation: boolean): boolean {
  if (ask.smallTalk === 'greeting') return true;
  if (inConversation) return false;
  return ask.smallTalk === 'acknowledgement' || (ask.asked.from === ask.asked.to && !hasContent(ask));
}

/** Something without a single word may still be a question: an equation, a row of symbols. */
function hasContent({ text }: Ask): boolean {
  return /[=+*/<>∑∫{}[\]]/.test(text);
}

/** Beside a verb that already asks for an explanation, "how" and "why" say little more. */
const EXPLAINED_SHARE = 0.25;
