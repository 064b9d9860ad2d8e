import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Gateway, KeepAnswer } from '../../gateway/gateway.ts';
import type { HttpContext, Route } from '../http-types.ts';
import { readBody } from '../request/read-body.ts';
import { fromKeptText, toKeptText } from './kept-response.ts';
import { Recording, RecordingRoom } from './recording.ts';

const HEADER = 'Idempotency-Key';
/** Headers that say what is wanted; whatever else a client sends along may differ when it repeats itself. */
const DECIDING_PREFIX = 'x-signalbox-';

type Handle = () => Promise<Response>;

/** Answers requests under an `Idempotency-Key` once; `/mcp` has keys of its own, in `metadata`. */
export class IdempotencyGuard {
  readonly #gateway: Pick<Gateway, 'once'>;
  readonly #room = new RecordingRoom();

  constructor(gateway: Pick<Gateway, 'once'>) {
    this.#gateway = gateway;
  }

  run(context: HttpContext, route: Route, handle: Handle): Promise<Response> {
    const key = context.env.incoming.headers['idempotency-key'];
    if (key === undefined || route.method !== 'POST' || route.dialect === 'mcp') return handle();
    // A list of it would be a repeated header, which the screen refuses.
    return this.#runOnce(context, String(key), handle);
  }

  async #runOnce(context: HttpContext, key: string, handle: Handle): Promise<Response> {
    const { open, incoming } = context.env;
    const body = await readBody(context);
    open.heldBody = body;
    const deciding = Object.entries(incoming.headers)
      .filter(([name]) => name.startsWith(DECIDING_PREFIX))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const content = [context.req.path, JSON.stringify(deciding), body];
    const request = { tenant: context.get('caller').tenant, key, content, param: HEADER };
    const once = await this.#gateway.once(request, (keep) => this.#record(context, keep, handle));
    return once.type === 'done' ? once.result : repeat(once.answer);
  }

  async #record({ env: { open } }: HttpContext, keep: KeepAnswer, handle: Handle): Promise<Response> {
    const recording = new Recording(this.#room, keep);
    open.recording = recording;
    try {
      const response = await handle();
      // A stream has recorded itself; a failure may be repeated.
      if (response === RESPONSE_ALREADY_SENT || !response.ok) return response;
      const headers = [...response.headers];
      const body = await response.text();
      await keep(toKeptText(headers, body));
      return new Response(body, { headers: Object.fromEntries(headers) });
    } finally {
      recording.discard();
    }
  }
}

function repeat(answer: string): Response {
  const { headers, body } = fromKeptText(answer);
  return new Response(body, { headers: { ...Object.fromEntries(headers), 'idempotent-replayed': 'true' } });
}
