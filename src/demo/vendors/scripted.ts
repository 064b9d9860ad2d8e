import type { FinishReasonUnified } from '../../core/completion.ts';
import type { JsonObject } from '../../core/json/json.ts';
import type { Usage } from '../../core/usage.ts';

/** Tokens a simulated vendor reports, in our disjoint classes; each wire adds them up its own way. */
export type ScriptedUsage = Omit<Usage, 'source'>;

/** What a simulated model says, whatever the wire. */
export type ScriptedAnswer = {
  readonly text?: string;
  /** How a stream cuts the text, or into how many pieces; words by default. */
  readonly pieces?: readonly string[] | number;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** How many pieces a stream sends the arguments of a call in; 2 by default. */
  readonly argumentPieces?: number;
  /** What a request for several answers gets besides this one; it is repeated for want of others. */
  readonly others?: readonly Pick<ScriptedAnswer, 'text' | 'toolCalls' | 'finish'>[];
  /** By default `tool_calls` with tool calls and `stop` without. */
  readonly finish?: Exclude<FinishReasonUnified, 'other'>;
  /** Absent: the vendor reports no usage. */
  readonly usage?: ScriptedUsage;
  /** Opaque state the vendor wants back: a thought signature, a thinking signature. */
  readonly signature?: string;
  readonly pace?: Pace;
};

export type ScriptedToolCall = { readonly id: string; readonly name: string; readonly argumentsJson: string };

/** Milliseconds before the first byte of a body, and between the frames of a stream. */
export type Pace = { readonly firstMs: number; readonly frameMs: number };

export const SCRIPTED_FAILURES = [
  'auth',
  'rate_limited',
  'quota',
  'unknown_model',
  'invalid',
  'context_too_long',
  'content_filter',
  'overloaded',
  'unavailable',
  'server_error',
] as const;

/** A failure as the vendor words it, with its status, headers and body. */
export type ScriptedFailure = {
  readonly failure: (typeof SCRIPTED_FAILURES)[number];
  /** Instead of the vendor's usual words. */
  readonly message?: string;
  /** Added to the vendor's own: `retry-after` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request as the vendor understands it. */
export type VendorCall = ChatCall | EmbedCall | { readonly type: 'models'; readonly key?: string };

export type EmbedCall = {
  readonly type: 'embed';
  readonly model: string;
  readonly input: readonly string[];
  /** The length of the vectors that is asked for. */
  readonly dimensions?: number;
  readonly key?: string;
};

export type ChatCall = {
  readonly type: 'chat';
  readonly model: string;
  readonly stream: boolean;
  /** Text of the system messages, wherever the wire carries them. */
  readonly system: string;
  /** Text of the last user message. */
  readonly prompt: string;
  /** Text of the whole conversation, for counting tokens. */
  readonly transcript: string;
  /** As they came: a data URL, an address, or bare base64. */
  readonly images: readonly string[];
  readonly tools: readonly string[];
  readonly toolResults: readonly { readonly id: string; readonly text: string }[];
  /** The schema the answer is natively held to. */
  readonly jsonSchema?: JsonObject;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** How many answers are asked for. */
  readonly choices?: number;
  readonly key?: string;
  /** For wires that report usage in a stream only when asked. */
  readonly wantsUsage: boolean;
};

/** The finish a wire has to word. */
export function finishOf(answer: ScriptedAnswer): NonNullable<ScriptedAnswer['finish']> {
  return answer.finish ?? (answer.toolCalls && answer.toolCalls.length > 0 ? 'tool_calls' : 'stop');
}

/** As many answers as were asked for. */
export function answersOf(answer: ScriptedAnswer, { choices = 1 }: ChatCall): readonly ScriptedAnswer[] {
  return Array.from({ length: choices }, (_, index) => (index === 0 ? answer : (answer.others?.[index - 1] ?? answer)));
}

/** The pieces a stream sends the text in. */
export function piecesOf({ pieces, text = '' }: ScriptedAnswer): readonly string[] {
  if (typeof pieces === 'number') return cutInto(pieces, text);
  return pieces ?? text.match(/\s*\S+\s*$|\s*\S+/g) ?? (text === '' ? [] : [text]);
}

/** The pieces a stream sends a call's arguments in. */
export function argumentPiecesOf({ argumentPieces = 2 }: ScriptedAnswer, call: ScriptedToolCall): readonly string[] {
  return cutInto(argumentPieces, call.argumentsJson);
}

function cutInto(count: number, text: string): readonly string[] {
  const chars = [...text];
  const size = Math.max(1, Math.ceil(chars.length / count));
  return Array.from({ length: Math.ceil(chars.length / size) }, (_, index) =>
    chars.slice(index * size, (index + 1) * size).join(''),
  );
}
