import type { IncomingHttpHeaders } from 'node:http';
import type { Result } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { percentDecoded } from '../core/network/percent-decoded.ts';
import type { Dialect, Route } from './http-types.ts';

const METHODS = ['GET', 'POST', 'DELETE'] as const;
const NO_PARAMS: Target['params'] = {};

/** Where a request leads. */
export type Target = {
  /** Decoded, and without its query. */
  readonly path: string;
  /** Undefined when there is nothing at the path, or nothing for the method. */
  readonly route: Route | undefined;
  /** By the names its route gives them. */
  readonly params: Readonly<Record<string, string>>;
  /** In whose words it is answered, refusals before anything else is read included. */
  readonly dialect: Dialect;
};

/** Finds the route of a request by its method and path. */
export class Router {
  /** The paths there are, without what varies in them. */
  readonly paths: readonly string[];
  readonly #router = new RegExpRouter<Route>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#router.add(route.method, route.path, route);
    this.paths = [...new Set(routes.map(({ path }) => path.replace(/\/:.*$/, '')))];
  }

  find(method: string, url: string, headers: IncomingHttpHeaders = {}): Target {
    const path = pathOf(url);
    const match = this.#router.match(method === 'HEAD' ? 'GET' : method, path);
    const route = match[0][0]?.[0];
    return { path, route, params: readParams(match), dialect: dialectOf(route, path, headers) };
  }

  /** The methods that the path takes. */
  methodsAt(path: string): readonly Route['method'][] {
    return METHODS.filter((method) => this.#router.match(method, path)[0].length > 0);
  }
}

/** Anthropic's clients ask some of OpenAI's paths too, and say by a header who they are. */
function dialectOf(route: Route | undefined, path: string, headers: IncomingHttpHeaders): Dialect {
  if (route)
    return route.dialect === 'openai' && headers['anthropic-version'] !== undefined ? 'anthropic' : route.dialect;
  return dialectOfNothing(path, headers);
}

/**
 * Where MCP clients that have no token, or a wrong one, look for a login: its descriptions (RFC 8414, RFC 9728, OpenID)
 * and, without any, the usual paths beside them (MCP 2025-03-26, "Authorization").
 */
const OAUTH_PATH = /\/\.well-known\/(oauth|openid)-|^\/(register|authorize|token)$/;

/** In whose words it is said that nothing is there, or nothing for the method. */
function dialectOfNothing(path: string, headers: IncomingHttpHeaders): Dialect {
  if (path === '/mcp') return 'mcp';
  if (OAUTH_PATH.test(path)) return 'oauth';
  if (path.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined) return 'anthropic';
  if (headers['x-api-key'] !== undefined) return 'anthropic';
  return path.startsWith('/v1') ? 'openai' : 'plain';
}

/** As `%2F` in a name would become a step of the path, what is reserved stays as it was written until names are read. */
function pathOf(url: string): string {
  const end = url.indexOf('?');
  const written = end < 0 ? url : url.slice(0, end);
  // Clients are often given an address with a slash at its end.
  const path = written.length > 1 && written.endsWith('/') ? written.slice(0, -1) : written;
  return path.includes('%') ? percentDecoded(path.replaceAll('%25', '%2525'), decodeURI) : path;
}

function readParams(match: Result<Route>): Target['params'] {
  if (match.length === 1 || match[1].length === 0) return NO_PARAMS;
  const [[found], values] = match;
  const places = Object.entries(found?.[1] ?? {});
  return Object.fromEntries(places.map(([name, place]) => [name, percentDecoded(values[place] ?? '')]));
}
