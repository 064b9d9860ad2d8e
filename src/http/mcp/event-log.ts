import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';
import { REFUSED } from './json-rpc-response.ts';
import { CANCELLED } from './session-transport.ts';

/** Streams of one session that are remembered, each of one request. */
const STREAMS_MAX = 100;
/** Answers are kept so long for a client that lost its connection. */
const KEPT_MS = 300_000;

const NOT_KEPT = 'The answer came while the connection was away, and is not kept any longer. Ask again.';

/** What all sessions together keep, in characters of JSON. One a server. */
export type KeptAnswers = { characters: number; readonly charactersMax: number };

type Kept = {
  readonly number: number;
  readonly message: JSONRPCMessage;
  readonly characters: number;
  readonly atMs: number;
};
type Stream = { lastNumber: number; ended: boolean; kept?: Kept };

/**
 * What a client of the older era can fetch again after its connection broke: the answers of its
 * requests, which may have cost money, and before that what we ask it meanwhile and wait for. Progress is numbered but
 * not kept. Bounded in streams, in time, and in bytes over all sessions; who comes for what is beyond that is told so, or it
 * would wait for an answer that came long ago.
 */
export class EventLog implements EventStore {
  readonly #kept: KeptAnswers;
  readonly #nowMs: () => number;
  readonly #streams = new Map<string, Stream>();

  constructor(kept: KeptAnswers, nowMs: () => number) {
    this.#kept = kept;
    this.#nowMs = nowMs;
  }

  async storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    const stream = this.#streamOf(streamId);
    stream.lastNumber += 1;
    const isRequest = 'method' in message;
    if (isRequest ? 'id' in message : 'result' in message || 'error' in message) {
      stream.ended = !isRequest;
      this.#drop(stream);
      if (!('error' in message && message.error.code === CANCELLED)) this.#keep(stream, message);
    }
    return `${streamId}.${stream.lastNumber}`;
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const place = this.#read(lastEventId);
    if (place === undefined) throw new Error('unknown event id');
    const { streamId, stream, number } = place;
    const { kept } = stream;
    if (kept && kept.number > number) await send(`${streamId}.${kept.number}`, kept.message);
    return streamId;
  }

  /**
   * What follows an event: `over` when nothing ever will, because the client has the answer or cancelled.
   * The SDK would ask for less, and then keep a client from replacing a connection that only it knows is dead.
   */
  placeOf(eventId: string): 'unknown' | 'over' | 'open' {
    const place = this.#read(eventId);
    if (!place) return 'unknown';
    const { stream, number } = place;
    return stream.ended && (stream.kept?.number ?? 0) <= number ? 'over' : 'open';
  }

  /** Lets go of answers that nobody came for. A question is waited for longer than that. */
  expire(): void {
    const keptSinceMs = this.#nowMs() - KEPT_MS;
    for (const stream of this.#streams.values()) {
      if (stream.ended && stream.kept && stream.kept.atMs < keptSinceMs) this.#keepWord(stream, stream.kept.message);
    }
  }

  clear(): void {
    for (const stream of this.#streams.values()) this.#drop(stream);
    this.#streams.clear();
  }

  #streamOf(streamId: string): Stream {
    const known = this.#streams.get(streamId);
    if (known) return known;
    const stream: Stream = { lastNumber: 0, ended: false };
    this.#streams.set(streamId, stream);
    if (this.#streams.size > STREAMS_MAX) this.#forgetOldest();
    return stream;
  }

  #forgetOldest(): void {
    for (const [streamId, stream] of this.#streams) {
      if (!stream.ended) continue;
      this.#drop(stream);
      this.#streams.delete(streamId);
      return;
    }
  }

  #keep(stream: Stream, message: JSONRPCMessage): void {
    const { length: characters } = JSON.stringify(message);
    if (this.#kept.characters + characters > this.#kept.charactersMax) this.#keepWord(stream, message);
    else {
      this.#kept.characters += characters;
      stream.kept = { number: stream.lastNumber, message, characters, atMs: this.#nowMs() };
    }
  }

  /** In the place of an answer; as small as the stream itself, which is counted. */
  #keepWord(stream: Stream, message: JSONRPCMessage): void {
    this.#drop(stream);
    if ('method' in message) return;
    const word: JSONRPCMessage = { jsonrpc: '2.0', id: message.id, error: { code: REFUSED, message: NOT_KEPT } };
    stream.kept = { number: stream.lastNumber, message: word, characters: 0, atMs: Number.POSITIVE_INFINITY };
  }

  #drop(stream: Stream): void {
    this.#kept.characters -= stream.kept?.characters ?? 0;
    delete stream.kept;
  }

  #read(eventId: string) {
    const dot = eventId.lastIndexOf('.');
    const streamId = eventId.slice(0, dot);
    const stream = this.#streams.get(streamId);
    const digits = eventId.slice(dot + 1);
    // One that was never given out would say that an answer nobody has seen was received.
    if (!stream || !/^[1-9]\d*$/.test(digits) || Number(digits) > stream.lastNumber) return undefined;
    return { streamId, stream, number: Number(digits) };
  }
}
