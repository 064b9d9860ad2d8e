import type { Hono } from 'hono';
import { GatewayError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { Dialect, HttpContext, HttpEnv, Route } from '../http-types.ts';
import { sendError } from './send-error.ts';

const METHODS = ['GET', 'POST', 'DELETE'] as const;

/** In whose words a path is answered that may not even exist. */
export function dialectOf(path: string): Dialect {
  if (path.startsWith('/v1/messages')) return 'anthropic';
  if (path === '/mcp') return 'mcp';
  return path.startsWith('/v1') ? 'openai' : 'plain';
}

/** 405 where another method would do, 404 with the nearest path otherwise. */
export function refusePath(context: HttpContext, router: Hono<HttpEnv>['router'], routes: readonly Route[]): Response {
  const { path, method } = context.req;
  const dialect = dialectOf(path);
  const { mask } = context.env.open;
  const methods = METHODS.filter((name) => router.match(name, path)[0].length > 0);
  if (methods.length > 0) {
    const allow = methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
    const error = new GatewayError('invalid_request', `This path takes ${allow}, not ${method}.`, { httpStatus: 405 });
    return sendError(dialect, error, { mask, headers: { allow } });
  }
  const paths = [...new Set(routes.map((route) => route.path.replace(/\/:.*$/, '')))];
  const near = nearestName(path, paths);
  const hint = near === undefined ? `There are ${paths.join(', ')}.` : `Did you mean ${near}?`;
  return sendError(dialect, new GatewayError('not_found', 'There is nothing at this path.', { hint }), { mask });
}
