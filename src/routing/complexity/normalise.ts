import type { Message } from '../../core/message.ts';
import type { ChatRequest } from '../../core/request.ts';
import { findTurn } from '../find-turn.ts';
import { END_CHARS_MAX } from './cap-text.ts';
import { foldText } from './fold-text.ts';
import { askedSpan, measureSmallTalk } from './small-talk.ts';
import { segmentWords, type WordRange, type Words } from './words.ts';

/** What the classifier may look at. A `ChatRequest` is one. */
export type Conversation = Pick<ChatRequest, 'messages' | 'tools'>;

/** One user turn in the form every feature is computed from. */
export type Ask = {
  /** Folded (see `foldText`), capped, with its line breaks. */
  readonly text: string;
  /** All words of `text`. */
  readonly words: Words;
  /** Which of them stand between greetings and politeness. */
  readonly asked: WordRange;
  /** The whole turn is a greeting, thanks or farewell; or yes, no and the like. */
  readonly smallTalk: 'none' | 'greeting' | 'acknowledgement';
  /** How much longer the turn is than `text`: 1 when nothing was cut. */
  readonly lengthRatio: number;
};

/**
 * All of a conversation that the classifier looks at: it ends with the user's last turn, so a tool
 * loop after that changes nothing. Equal outlines are classified alike.
 */
export type Outline = {
  /** The user's last turn; the system prompt where there is none. */
  readonly text: string;
  readonly previousText: string | undefined;
  readonly earlierTurns: number;
  readonly earlierToolResults: number;
  /** PDFs count as such. */
  readonly images: number;
  readonly tools: number;
};

const TURNS_LOOKED_BACK_MAX = 8;
/** Of a longer turn it is not asked whether it is small talk. */
const SMALL_TALK_CHARS_MAX = 80;

/** Reduces a conversation to its last user turn and the plain facts around it; the same in each step of its tool loop. */
export function outline({ messages, tools }: Conversation): Outline {
  const turn = findTurn(messages);
  const last = turn && messages[turn.at];
  const asked = last ?? messages.findLast((message) => message.role === 'system');
  const before = turn ? messages.slice(0, turn.at) : [];
  const earlier = before.filter((message) => message.role === 'user');
  const previous = askBefore(earlier);
  return {
    text: asked ? textOf(asked) : '',
    previousText: previous && textOf(previous),
    earlierTurns: earlier.length,
    earlierToolResults: before.reduce((sum, { role, content }) => sum + (role === 'tool' ? content.length : 0), 0),
    images: last ? last.content.filter(({ type }) => type === 'image' || type === 'document').length : 0,
    tools: tools?.length ?? 0,
  };
}

/** The turn before, small talk passed over: "go on" after "go on" still means what was asked. */
function askBefore(earlier: readonly Message[]): Message | undefined {
  const asks = earlier.slice(-TURNS_LOOKED_BACK_MAX);
  return asks.findLast((turn) => !isSmallTalk(textOf(turn))) ?? earlier.at(-1);
}

function isSmallTalk(text: string): boolean {
  return text.length <= SMALL_TALK_CHARS_MAX && measureSmallTalk(segmentWords(foldText(text))) !== 'none';
}

export function isSameOutline(left: Outline, right: Outline): boolean {
  return (
    left.text === right.text &&
    left.previousText === right.previousText &&
    left.earlierTurns === right.earlierTurns &&
    left.earlierToolResults === right.earlierToolResults &&
    left.images === right.images &&
    left.tools === right.tools
  );
}

/** Brings one turn's text into the form the features read. Linear, and bounded by the cap. */
export function normaliseAsk(original: string): Ask {
  // Some compatibility forms grow eighteenfold when folded, so the cap is applied again.
  const text = capEnds(foldText(capEnds(original)));
  const words = segmentWords(text);
  return {
    text,
    words,
    asked: askedSpan(words),
    smallTalk: measureSmallTalk(words),
    lengthRatio: Math.max(1, original.length / (2 * END_CHARS_MAX)),
  };
}

function capEnds(text: string): string {
  if (text.length <= 2 * END_CHARS_MAX) return text;
  return `${text.slice(0, END_CHARS_MAX)}\n${text.slice(-END_CHARS_MAX)}`;
}

function textOf({ content }: Message): string {
  const texts: string[] = [];
  for (const part of content) if (part.type === 'text') texts.push(part.text);
  return texts.join('\n');
}
