import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { ProviderKind } from '../../core/model.ts';
import type { ChatCall, EmbedCall, ScriptedAnswer, ScriptedFailure, ScriptedUsage, VendorCall } from './scripted.ts';

/** A request as it came over the wire. */
export type WireRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed; undefined when there is none or it is not JSON. */
  readonly body: JsonValue | undefined;
};

/** An answer as bytes to be: a whole body is one frame, a stream one frame an event. */
export type WireReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: readonly string[];
  /** How many frames, from the first, come before the vendor's terminal event. */
  readonly framesBeforeEnd: number;
  /** What the books of this vendor count once the reply has left in full. */
  readonly usage?: ScriptedUsage;
};

/** One vendor's wire: how it reads requests and words its answers. Pure. */
export interface VendorWire {
  readonly kind: ProviderKind;
  /** What follows host and port in this vendor's base URL. */
  readonly basePath: string;
  /** Undefined when the vendor has no such route. */
  read(request: WireRequest): VendorCall | undefined;
  whole(answer: ScriptedAnswer, call: ChatCall): WireReply;
  stream(answer: ScriptedAnswer, call: ChatCall): WireReply;
  /** Absent when the vendor has no embeddings. */
  embeddings?(vectors: readonly (readonly number[])[], model: string, usage: ScriptedUsage): WireReply;
  models(names: readonly string[]): WireReply;
  failure(failure: ScriptedFailure, call: VendorCall | undefined): WireReply;
  /** The frame that carries a failure inside a stream; absent when the vendor has none. */
  failureFrame?(failure: ScriptedFailure): string;
}

export function bearerKey({ headers: { authorization } }: WireRequest): { readonly key?: string } {
  return typeof authorization === 'string' ? { key: authorization.replace(/^Bearer /, '') } : {};
}

/** The objects of a list; none where something else stands. */
export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

type EmbedWords = Pick<EmbedCall, 'model' | 'input' | 'key'> & { readonly dimensions: JsonValue | undefined };

/** What is asked of an embedding model; `dimensions` as it came. */
export function toEmbedCall({ dimensions, ...words }: EmbedWords): EmbedCall {
  return { type: 'embed', ...words, ...(typeof dimensions === 'number' && { dimensions }) };
}

/** What an embedding model is to read: one text or several, or lists of the ids of their tokens. */
export function textsIn(value: JsonValue = []): readonly string[] {
  const isOne = !Array.isArray(value) || typeof value[0] === 'number';
  return (isOne ? [value] : value).map(String);
}

/** A reply of one JSON body. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    frames: [JSON.stringify(body)],
    framesBeforeEnd: 0,
  };
}

export function sseFrame(data: unknown, event?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`;
}
