import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Guards } from './guard/guards.ts';
import { IdempotencyGuard } from './guard/idempotency.ts';
import type { HttpEnv, HttpServices, Route } from './http-types.ts';
import { preflight } from './reply/preflight.ts';
import { dialectOf, refusePath } from './reply/refuse-path.ts';
import { sendError } from './reply/send-error.ts';

export type HttpAppOptions = {
  readonly routes: readonly Route[];
  readonly services: HttpServices;
  readonly guards: Guards;
};

/** The routes behind their guards, with every failure in the words of its route. */
export function createHttpApp({ routes, services, guards }: HttpAppOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const idempotency = new IdempotencyGuard(services.gateway);
  for (const route of routes) {
    app.on(route.method, route.path, async (context) => {
      const admission = guards.current.gatekeeper.admit(context, route);
      if (admission) await admission;
      return idempotency.run(context, route, () => route.handle(context, services));
    });
  }
  app.notFound((context) => {
    const answered = preflight(context, guards.current.settings);
    if (answered) return answered;
    const refused = refusePath(context, app.router, routes);
    services.operations.countRefusal(refused.status === 404 ? 'not_found' : 'invalid_request');
    return refused;
  });
  app.onError((thrown, context) => {
    const { open, outgoing } = context.env;
    const error = open.fail(thrown);
    if (error.requestId === undefined) services.operations.countRefusal(error.code);
    if (outgoing.headersSent) {
      // Half an answer is out: nothing may follow that could pass for the rest of it.
      outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    }
    return sendError(context.get('dialect') ?? dialectOf(context.req.path), error, { mask: open.mask });
  });
  return app;
}
