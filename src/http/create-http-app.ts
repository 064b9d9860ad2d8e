import { Hono } from 'hono';
import { GatewayError, toDefectFields, toGatewayError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { Gatekeeper, overloaded } from './guard/gatekeeper.ts';
import type { HttpSettings } from './http-settings.ts';
import type { HttpContext, HttpEnv, HttpServices, Route } from './http-types.ts';
import { preflight } from './reply/preflight.ts';
import { sendError } from './reply/send-error.ts';
import type { OpenRequests } from './request/open-requests.ts';

export type HttpAppOptions = {
  readonly routes: readonly Route[];
  readonly services: HttpServices;
  readonly settings: HttpSettings;
  readonly openRequests: OpenRequests;
};

/** The routes behind their guards, with every failure in the words of its route. */
export function createHttpApp({ routes, services, settings, openRequests }: HttpAppOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const gatekeeper = new Gatekeeper(settings);
  for (const route of routes) {
    app.on(route.method, route.path, async (context) => {
      if (route.access === 'token' && openRequests.size > settings.requestsMax) throw overloaded();
      gatekeeper.admit(context, route);
      return route.handle(context, services);
    });
  }
  app.notFound((context) => preflight(context, settings) ?? refusePath(context, routes));
  app.onError((thrown, context) => {
    const error = toGatewayError(thrown);
    if (error.code === 'internal') services.logger.error(toDefectFields(error), 'a request failed inside');
    if (error.requestId === undefined) services.operations.countRefusal(error.code);
    return sendError(context.get('dialect') ?? dialectOf(context.req.path, routes), error);
  });
  return app;
}

/** In whose words a path is answered that may not even exist. */
export function dialectOf(path: string, routes: readonly Route[]): Route['dialect'] {
  return (
    routes.find((route) => route.path === path)?.dialect ?? (path.startsWith('/v1/messages') ? 'anthropic' : 'openai')
  );
}

function refusePath(context: HttpContext, routes: readonly Route[]): Response {
  const { path, method } = context.req;
  const dialect = dialectOf(path, routes);
  const methods = routes.filter((route) => route.path === path).map((route) => route.method);
  if (methods.length > 0) {
    const allow = methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
    const message = `${method} is not possible on ${path}; use ${allow}.`;
    return sendError(dialect, new GatewayError('invalid_request', message, { httpStatus: 405 }), { allow });
  }
  const near = nearestName(path, new Set(routes.map((route) => route.path)));
  const error = new GatewayError('not_found', 'There is nothing at this path.', {
    hint: near === undefined ? `There are ${routes.map((route) => route.path).join(', ')}.` : `Did you mean ${near}?`,
  });
  return sendError(dialect, error);
}
