import type { Guards } from './guard/guards.ts';
import { IdempotencyGuard } from './guard/idempotency.ts';
import type { HttpServices } from './http-types.ts';
import { errorReply } from './reply/error-reply.ts';
import { nameRefusal } from './reply/name-refusal.ts';
import { preflight } from './reply/preflight.ts';
import { refusePath } from './reply/refuse-path.ts';
import { type Reply, writeReply } from './reply/reply.ts';
import type { OpenRequest } from './request/open-request.ts';
import type { Router } from './router.ts';

export type HttpAppOptions = {
  readonly router: Router;
  readonly services: HttpServices;
  readonly guards: Guards;
};

/** Answers a request. Never rejects. */
export type HttpApp = (open: OpenRequest) => Promise<void>;

/** The routes behind their guards, with every failure in the words of its route. */
export function createHttpApp({ router, services, guards }: HttpAppOptions): HttpApp {
  const idempotency = new IdempotencyGuard(services.gateway);
  const find = (open: OpenRequest): Reply => {
    const answered = preflight(open);
    if (answered) return answered;
    const { error, headers } = refusePath(open, router);
    return errorReply(open.dialect, nameRefusal(services, error), { mask: open.mask, headers });
  };
  return async (open) => {
    const { route, outgoing } = open;
    try {
      if (!route) return writeReply(outgoing, find(open));
      const admission = guards.current.gatekeeper.admit(open, route);
      if (admission) await admission;
      writeReply(outgoing, await idempotency.run(open, route, () => route.handle(open, services)));
    } catch (thrown) {
      const failure = open.fail(thrown);
      const error = failure.requestId === undefined ? nameRefusal(services, failure) : failure;
      // Half an answer is out: nothing may follow that could pass for the rest of it.
      if (outgoing.headersSent) outgoing.destroy();
      else writeReply(outgoing, errorReply(open.dialect, error, { mask: open.mask }));
    }
  };
}
