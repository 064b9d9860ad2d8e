import type { Gateway, KeepAnswer } from '../../gateway/gateway.ts';
import type { Route } from '../http-types.ts';
import type { Reply, WholeReply } from '../reply/reply.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readBody } from '../request/read-body.ts';
import { fromKeptText, toKeptText } from './kept-response.ts';
import { Recording, RecordingRoom } from './recording.ts';

const HEADER = 'Idempotency-Key';
/** Headers that say what is wanted; whatever else a client sends along may differ when it repeats itself. */
const DECIDING_PREFIX = 'x-signalbox-';

type Handle = () => Promise<Reply>;

/** Answers requests under an `Idempotency-Key` once; `/mcp` has keys of its own, in `metadata`. */
export class IdempotencyGuard {
  readonly #gateway: Pick<Gateway, 'once'>;
  readonly #room = new RecordingRoom();

  constructor(gateway: Pick<Gateway, 'once'>) {
    this.#gateway = gateway;
  }

  run(open: OpenRequest, route: Route, handle: Handle): Promise<Reply> {
    const key = open.incoming.headers['idempotency-key'];
    if (key === undefined || route.method !== 'POST' || route.dialect === 'mcp') return handle();
    // A list of it would be a repeated header, which the screen refuses.
    return this.#runOnce(open, String(key), handle);
  }

  async #runOnce(open: OpenRequest, key: string, handle: Handle): Promise<Reply> {
    const body = await readBody(open);
    open.heldBody = body;
    const deciding = Object.entries(open.incoming.headers)
      .filter(([name]) => name.startsWith(DECIDING_PREFIX))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const content = [open.path, JSON.stringify(deciding), body];
    const request = { tenant: open.caller.tenant, key, content, param: HEADER };
    const once = await this.#gateway.once(request, (keep) => this.#record(open, keep, handle));
    return once.type === 'done' ? once.result : repeat(once.answer);
  }

  async #record(open: OpenRequest, keep: KeepAnswer, handle: Handle): Promise<Reply> {
    const recording = new Recording(this.#room, keep);
    open.recording = recording;
    try {
      const reply = await handle();
      // A stream has recorded itself; a failure may be repeated.
      if (reply !== 'sent' && reply.status < 300) await keep(toKeptText(Object.entries(reply.headers), reply.body));
      return reply;
    } finally {
      recording.discard();
    }
  }
}

function repeat(answer: string): WholeReply {
  const { headers, body } = fromKeptText(answer);
  return { status: 200, headers: { ...Object.fromEntries(headers), 'idempotent-replayed': 'true' }, body };
}
