import { consultLexicon } from './lexicon.ts';
import type { Ask, NormalisedConversation } from './normalise.ts';
import { detectStructure } from './structure.ts';
import { countWords, isUnspaced } from './words.ts';

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
export type Features = {
  readonly values: Readonly<Record<FeatureName, number>>;
  readonly shown: Readonly<Partial<Record<FeatureName, string>>>;
  /** The turn is nothing but a greeting or thanks: no score is needed. */
  readonly smallTalk: boolean;
};

/** Features of the turn itself, without what surrounds it. */
type AskFeatures = Omit<Features, 'smallTalk'>;

/** The instruction stands at the head or the tail; what is pasted between says little about it. */
const HEAD_WORDS_MAX = 64;
const TAIL_WORDS_MAX = 32;
/** A shorter turn in a conversation ("and for Vue?") means what the one before it meant. */
const FOLLOW_UP_WORDS_MAX = 8;
const LONG_WORD_CHARS = { min: 10, max: 28 } as const;

/** `scorePoints` lets a follow-up inherit from the turn before, whatever the scorer is. */
export function extractFeatures(
  conversation: NormalisedConversation,
  scorePoints: (values: Features['values']) => number,
): Features {
  const { ask, previousAsk, earlierTurns, earlierToolResults, images, tools } = conversation;
  const own = extractAskFeatures(ask);
  const followsUp = previousAsk !== undefined && own.values.words <= FOLLOW_UP_WORDS_MAX;
  const inherited = followsUp ? scorePoints(extractAskFeatures(previousAsk).values) : 0;
  return {
    shown: own.shown,
    smallTalk: images === 0 && isSmallTalk(ask, previousAsk !== undefined),
    values: { ...own.values, previousAsk: inherited, earlierTurns, earlierToolResults, images, tools },
  };
}

function extractAskFeatures({ text, words, lengthRatio }: Ask): AskFeatures {
  const read =
    words.length > HEAD_WORDS_MAX + TAIL_WORDS_MAX
      ? [...words.slice(0, HEAD_WORDS_MAX), ...words.slice(-TAIL_WORDS_MAX)]
      : words;
  const { task, depth, scale, subject, ease } = consultLexicon(read);
  const shown = { task: task.words, depth: depth.words, scale: scale.words, subject: subject.words, ease: ease.words };
  return {
    shown,
    values: {
      words: countWords(words) * lengthRatio,
      longWords: countLongWords(read),
      task: task.points,
      depth: depth.points,
      scale: scale.points,
      subject: subject.points,
      ease: ease.points,
      ...questionWords(read, task.points > 0 ? EXPLAINED_SHARE : 1),
      furtherQuestions: Math.max(0, countQuestions(text) - 1),
      constraints: countConstraints(words),
      ...detectStructure(text),
      previousAsk: 0,
      earlierTurns: 0,
      earlierToolResults: 0,
      images: 0,
      tools: 0,
    },
  };
}

/** "Yes" and "👍" are small talk alone; in a conversation they may set off a large piece of work. */
function isSmallTalk(ask: Ask, inConversation: boolean): boolean {
  if (ask.smallTalk === 'greeting') return true;
  if (inConversation) return false;
  return ask.smallTalk === 'acknowledgement' || (ask.words.length === 0 && !hasContent(ask));
}

/** Something without a single word may still be a question: an equation, a row of symbols. */
function hasContent({ text }: Ask): boolean {
  return /[=+*/<>∑∫{}[\]]/.test(text);
}

/** Beside a verb that already asks for an explanation, "how" and "why" say little more. */
const EXPLAINED_SHARE = 0.25;
const QUESTION_MARK = /[?？؟⁇](?=[\s"'”»)\]*_]|$)/g;
const WHY = new Set(
  'why warum wieso perche pourquoi почему зачем чому why neden nicin mengapa kenapa waarom dlaczego'.split(' '),
);
const HOW = new Set('how wie como comment come как як jak nasil bagaimana hoe'.split(' '));
/** "How many", "how far": a question for a fact, not for an explanation. */
const HOW_MUCH = new Set(
  `many much old long far tall big large high heavy fast late often soon deep wide hot cold viel viele alt lang weit gross
  hoch spat oft много долго далеко часто`.split(/\s+/),
);
/** A question that opens so asks for a name, a place or a time. */
const LOOKUP = new Set(
  `who whose where when wer wo wann quien donde cuando quand chi dove quando quem onde kto gdzie kiedy кто где когда хто де коли
  kim nerede siapa dimana kapan`.split(/\s+/),
);
/** "How does it work": an explanation of a mechanism. */
const WORKS = new Set(
  `work works working function functions happen happens funciona funcionan funktioniert funktionieren fonctionne
  fonctionnent funziona funzionano функционирует работает работают dziala werkt calisir`.split(/\s+/),
);
const UNSPACED_WHY = ['为什么', '為什麼', 'なぜ', 'どうして', 'ทำไม'] as const;
const UNSPACED_HOW = ['如何', '怎么', '怎樣', 'どうやって', 'どのように', 'อย่างไร'] as const;

function questionWords(words: readonly string[], share: number): Record<'how' | 'why' | 'lookup', number> {
  let how = 0;
  let why = 0;
  for (const [at, word] of words.entries()) {
    if (WHY.has(word)) why = 1;
    else if (HOW.has(word) && !HOW_MUCH.has(words[at + 1] ?? '')) how = Math.max(how, 1);
    else if (how === 1 && WORKS.has(word)) how = 2;
    else if (isUnspaced(word)) {
      if (UNSPACED_WHY.some((term) => word.includes(term))) why = 1;
      if (UNSPACED_HOW.some((term) => word.includes(term))) how = Math.max(how, 1);
    }
  }
  const [first = '', second = ''] = words;
  const lookup = LOOKUP.has(first) || (HOW.has(first) && HOW_MUCH.has(second)) ? 1 : 0;
  return { how: how * share, why: why * share, lookup };
}

function countQuestions(text: string): number {
  return text.match(QUESTION_MARK)?.length ?? 0;
}

const CONSTRAINT_WORDS = new Set(
  `must should shall without only exactly except unless ensure ensuring requires required requirement requirements constraint
  constraints limit limited avoid never always maximum minimum muss mussen ohne nur debe deben sin solo doit doivent sans
  deve devem sem должен должна должны без только`.split(/\s+/),
);

function countConstraints(words: readonly string[]): number {
  let count = 0;
  for (const word of words) if (CONSTRAINT_WORDS.has(word)) count += 1;
  return count;
}

function countLongWords(words: readonly string[]): number {
  let count = 0;
  for (const word of words) {
    if (word.length >= LONG_WORD_CHARS.min && word.length <= LONG_WORD_CHARS.max && !isUnspaced(word)) count += 1;
  }
  return count;
}
