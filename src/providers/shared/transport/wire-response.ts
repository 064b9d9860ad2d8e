import { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { meaningOf } from '../../../core/collections/meaning-of.ts';
import { GatewayError } from '../../../core/errors.ts';
import { parseToRewrite } from '../../../core/json/json.ts';
import { findJsonExcess, JSON_VALUES_MAX } from '../../../core/json/json-excess.ts';
import type { ByteSource } from './byte-queue.ts';
import { createEventGauge } from './event-gauge.ts';
import type { WireWatch } from './wire-watch.ts';

export type WireBody = {
  readonly raw: ByteSource;
  readonly headers: Headers;
  readonly host: string;
  readonly bytesMax: number;
  readonly watch?: Pick<WireWatch, 'onBytes' | 'onEnd' | 'jsonValuesMax'>;
};

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The body's bytes: decompressed, without a byte order mark, never more than `bytesMax`. */
export async function* readBody(body: WireBody): AsyncGenerator<Uint8Array> {
  const { raw, headers, host, watch } = body;
  const count = createCounter(body);
  const gauge = createEventGauge(headers.get('content-type') ?? '', host);
  let mark: Uint8Array | undefined = new Uint8Array();
  for await (const piece of decoded(raw, headers, host)) {
    let chunk: Uint8Array = piece;
    count(chunk);
    gauge(chunk);
    if (mark !== undefined) {
      const start: Uint8Array = mark.length > 0 ? Buffer.concat([mark, chunk]) : chunk;
      if (mayBecomeMark(start)) {
        mark = start;
        continue;
      }
      mark = undefined;
      chunk = withoutMark(start);
    }
    watch?.onBytes(chunk);
    if (chunk.length > 0) yield chunk;
  }
  if (mark && mark.length > 0) yield withoutMark(mark);
  watch?.onEnd();
}

function createCounter({ host, bytesMax }: WireBody): (chunk: Uint8Array) => void {
  let received = 0;
  return (chunk) => {
    received += chunk.length;
    if (received <= bytesMax) return;
    throw new GatewayError('malformed_response', `${host} sent more than ${bytesMax} bytes in one answer.`);
  };
}

/** The same in one piece. Text, since a promise that gets bytes looks for a `then` in all their prototypes. */
async function readText(body: WireBody): Promise<string> {
  const { raw, headers, host, watch } = body;
  const count = createCounter(body);
  const pieces: Uint8Array[] = [];
  for await (const piece of decoded(raw, headers, host)) {
    count(piece);
    watch?.onBytes(piece);
    pieces.push(piece);
  }
  watch?.onEnd();
  return toText(pieces, host);
}

/** Each has memory of its own, and a header has room for thousands. */
const ENCODINGS_MAX = 4;

function decoded(raw: ByteSource, headers: Headers, host: string): ByteSource {
  const named = headers.get('content-encoding');
  if (named === null) return raw;
  const encodings = named
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  if (encodings.length > ENCODINGS_MAX) {
    raw.destroy();
    throw new GatewayError('malformed_response', `${host} encoded one answer ${encodings.length} times over.`);
  }
  let stream: ByteSource = raw;
  for (const encoding of encodings) {
    const createDecoder = meaningOf(encoding, DECODERS);
    if (!createDecoder) {
      raw.destroy();
      throw new GatewayError('malformed_response', `${host} used the unknown content-encoding "${encoding}".`);
    }
    stream = piped(asReadable(stream), createDecoder(), host);
  }
  return stream;
}

function asReadable(source: ByteSource): Readable {
  return source instanceof Readable ? source : Readable.from(source, { objectMode: false });
}

/** A source's failure must reach the reader, and a reader that leaves must close the source. */
function piped(source: Readable, decoder: Transform, host: string): Readable {
  const result = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
  source.once('error', (error) => result.destroy(error));
  decoder.once('error', (cause) => {
    result.destroy(
      new GatewayError('malformed_response', `${host} sent a body that cannot be decompressed.`, { cause }),
    );
  });
  result.once('close', () => {
    decoder.destroy();
    source.destroy();
  });
  source.pipe(decoder).pipe(result);
  return result;
}

const MARK = [0xef, 0xbb, 0xbf];

function mayBecomeMark(bytes: Uint8Array): boolean {
  return bytes.length < MARK.length && bytes.every((byte, index) => byte === MARK[index]);
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return MARK.every((byte, index) => bytes[index] === byte) ? bytes.subarray(MARK.length) : bytes;
}

/** Bytes on their way; whoever leaves early says so. */
type Chunks = AsyncIterableIterator<Uint8Array> & { return(value?: undefined): Promise<IteratorResult<Uint8Array>> };

/** The same chunks, of which the first was taken. By hand: a generator would cost every chunk another promise. */
function resumed(first: IteratorResult<Uint8Array>, rest: Chunks): Chunks {
  let kept: IteratorResult<Uint8Array> | undefined = first;
  return {
    next() {
      if (kept === undefined) return rest.next();
      const result = kept;
      kept = undefined;
      return Promise.resolve(result);
    },
    return: () => rest.return(undefined),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * As much of a `Response` as the vendors' SDKs use. The platform's own costs about twice the CPU
 * of a whole call. A class, since V8 puts the getters of an object literal into old space, and with them all they can see.
 */
export class WireResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText = '';
  readonly ok: boolean;
  readonly redirected = false;
  readonly type = 'basic';
  readonly bodyUsed = false;
  readonly #body: WireBody;
  #chunks: Chunks | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;

  constructor(url: string, status: number, body: WireBody) {
    this.url = url;
    this.status = status;
    this.ok = status >= 200 && status < 300;
    this.#body = body;
  }

  /** For an SDK. */
  asPlatform(): Response {
    return this as unknown as Response;
  }

  get headers(): Headers {
    return this.#body.headers;
  }

  get body(): ReadableStream<Uint8Array> {
    this.#stream ??= toWebStream(this.chunks);
    return this.#stream;
  }

  /** The body without the detour over a web stream. */
  get chunks(): Chunks {
    this.#chunks ??= readBody(this.#body);
    return this.#chunks;
  }

  /** Is it JSON, whatever it is called? Waits for the first bytes, which stay to be read. */
  async beginsAsJson(): Promise<boolean> {
    const { chunks } = this;
    const first = await chunks.next();
    this.#chunks = resumed(first, chunks);
    return first.done !== true && /^\s*\{/.test(Buffer.from(first.value).toString('latin1'));
  }

  text(): Promise<string> {
    return this.#chunks ? collectText(this.#chunks, this.#body.host) : readText(this.#body);
  }

  /**
   * Its text; numbers that ours cannot hold stay as they are written, for the arguments of a tool call. Where it holds far
   * more than an answer can, it is refused: sixty megabytes of brackets take gigabytes and half a minute.
   */
  parse(text: string): unknown {
    const { host, watch } = this.#body;
    const isLong = text.length > JSON_VALUES_MAX;
    if (isLong && findJsonExcess(text, Number.POSITIVE_INFINITY, watch?.jsonValuesMax) !== undefined) {
      throw new GatewayError('malformed_response', `${host} sent JSON that holds more than any answer.`);
    }
    return isLong ? JSON.parse(text) : parseToRewrite(text);
  }

  async json(): Promise<unknown> {
    return this.parse(await this.text());
  }
}

async function collectText(chunks: AsyncIterable<Uint8Array>, host: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return toText(pieces, host);
}

/** Takes a byte order mark away. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function toText(pieces: readonly Uint8Array[], host: string): string {
  const [first] = pieces;
  try {
    return UTF8.decode(pieces.length === 1 ? first : Buffer.concat(pieces));
  } catch (cause) {
    throw new GatewayError('malformed_response', `${host} sent bytes that are not UTF-8.`, { cause });
  }
}

function toWebStream(chunks: Chunks): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
