import { createHash } from 'node:crypto';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { GatewayError } from '../../core/errors.ts';
import type { HttpContext, Route } from '../http-types.ts';
import { readBody } from '../request/read-body.ts';

const HEADER = 'Idempotency-Key';
const KEY_CHARACTERS_MAX = 255;
const KEPT_MS = 24 * 3_600_000;
const ENTRIES_MAX = 10_000;
const CHARACTERS_MAX = 32 * 1_048_576;
/** A longer answer is not kept: asked for again, it is refused rather than paid twice. */
const ANSWER_CHARACTERS_MAX = 4 * 1_048_576;

/** What a stream has said, to be said again. */
export class Recording {
  headers: Readonly<Record<string, string>> = {};
  text = '';
  isComplete = false;

  begin(headers: Readonly<Record<string, string>>): void {
    this.headers = headers;
  }

  /** Beyond the limit only that it was passed is worth knowing. */
  add(text: string): void {
    if (this.text.length <= ANSWER_CHARACTERS_MAX) this.text += text;
  }

  complete(): void {
    this.isComplete = true;
  }
}

type Kept = { readonly headers: readonly (readonly [string, string])[]; readonly body: string };
type Entry = { readonly fingerprint: string; readonly sinceMs: number; answer?: Kept | 'too-large' };

/**
 * Answers under an `Idempotency-Key`: the same request under the same key is paid once and answered alike
 * for a day, as long as this process lives. Failures are forgotten, so that they can be repeated.
 * Source: stripe.com/blog/idempotency and the IETF draft "The Idempotency-Key HTTP Header Field".
 */
export class IdempotentAnswers {
  readonly #entries = new Map<string, Entry>();
  #characters = 0;

  run(context: HttpContext, route: Route, handle: () => Promise<Response>): Promise<Response> {
    const key = context.env.incoming.headers['idempotency-key'];
    if (key === undefined || route.method !== 'POST' || route.dialect === 'mcp') return handle();
    return this.#runOnce(context, route, { key, handle });
  }

  async #runOnce(
    context: HttpContext,
    route: Route,
    { key, handle }: { readonly key: string | readonly string[]; readonly handle: () => Promise<Response> },
  ): Promise<Response> {
    const { open } = context.env;
    const id = `${context.get('caller').tenant}\n${checkKey(key)}`;
    open.heldBody = await readBody(context);
    const fingerprint = createHash('sha256').update(`${route.path}\n`).update(open.heldBody).digest('hex');
    const known = this.#find(id);
    if (known) return repeat(known, fingerprint);
    const entry: Entry = { fingerprint, sinceMs: performance.now() };
    this.#entries.set(id, entry);
    const recording = new Recording();
    open.recording = recording;
    try {
      const response = await handle();
      const answer = response === RESPONSE_ALREADY_SENT ? streamed(recording) : await whole(response);
      if (answer) this.#keep(entry, answer);
      else this.#entries.delete(id);
      return response === RESPONSE_ALREADY_SENT || !answer ? response : toResponse(answer);
    } catch (error) {
      this.#entries.delete(id);
      throw error;
    }
  }

  #find(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    if (!entry || performance.now() - entry.sinceMs < KEPT_MS) return entry;
    this.#forget(id, entry);
    return undefined;
  }

  #keep(entry: Entry, answer: Kept): void {
    entry.answer = answer.body.length > ANSWER_CHARACTERS_MAX ? 'too-large' : answer;
    this.#characters += charactersOf(entry);
    for (const [id, oldest] of this.#entries) {
      if (this.#characters <= CHARACTERS_MAX && this.#entries.size <= ENTRIES_MAX) return;
      if (oldest.answer) this.#forget(id, oldest);
    }
  }

  #forget(id: string, entry: Entry): void {
    this.#entries.delete(id);
    this.#characters -= charactersOf(entry);
  }
}

function checkKey(key: string | readonly string[]): string {
  const text = typeof key === 'string' ? key.trim() : '';
  if (text !== '' && text.length <= KEY_CHARACTERS_MAX) return text;
  const message = `"${HEADER}" has to be one text of 1 to ${KEY_CHARACTERS_MAX} characters.`;
  throw new GatewayError('invalid_request', message, { param: HEADER });
}

function repeat({ fingerprint, answer }: Entry, asked: string): Response {
  if (fingerprint !== asked) {
    throw refusal(422, 'belongs to another request', 'Use a new key for a new request.');
  }
  if (answer === undefined) {
    throw refusal(409, 'belongs to a request that is still being answered', 'Wait for its answer.');
  }
  if (answer === 'too-large') {
    throw refusal(409, 'belongs to a request whose answer was too long to be kept', 'Use a new key to ask again.');
  }
  return toResponse(answer, { 'idempotent-replayed': 'true' });
}

function refusal(httpStatus: number, fault: string, hint: string): GatewayError {
  return new GatewayError('invalid_request', `The "${HEADER}" ${fault}.`, { httpStatus, param: HEADER, hint });
}

/** Undefined for a stream that broke or was left. */
function streamed({ headers, text, isComplete }: Recording): Kept | undefined {
  return isComplete ? { headers: Object.entries(headers), body: text } : undefined;
}

async function whole(response: Response): Promise<Kept | undefined> {
  return response.ok ? { headers: [...response.headers], body: await response.text() } : undefined;
}

function toResponse({ headers, body }: Kept, more: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { headers: { ...Object.fromEntries(headers), ...more } });
}

function charactersOf({ answer }: Entry): number {
  return answer && answer !== 'too-large' ? answer.body.length : 0;
}
