import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/http/http-types.ts';
import { Router } from '../../src/http/router.ts';
import { ROUTES } from '../../src/http/routes.ts';

const router = new Router(ROUTES);
const routeAt = (method: string, url: string): string | undefined => {
  const { route } = router.find(method, url);
  return route && `${route.method} ${route.path}`;
};

describe('the route of a request', () => {
  it.each([
    ['POST', '/v1/chat/completions', 'POST /v1/chat/completions'],
    ['POST', '/v1/chat/completions?beta=true', 'POST /v1/chat/completions'],
    ['POST', '/v1/ch%61t/completions', 'POST /v1/chat/completions'],
    ['HEAD', '/healthz', 'GET /healthz'],
    ['GET', '/v1/models', 'GET /v1/models'],
    ['GET', '/v1/models/gpt-5', 'GET /v1/models/:id{.+}'],
    ['GET', '/v1/models/', 'GET /v1/models'],
    ['GET', '/v1/models/gpt-5/', 'GET /v1/models/:id{.+}'],
    ['GET', '/v1/chat/completions', undefined],
    ['POST', '/v1/chat/completions/', 'POST /v1/chat/completions'],
    ['POST', '/v1/chat/completions//', undefined],
    ['POST', '/mcp/?key=1', 'POST /mcp'],
    ['GET', '/', undefined],
    ['BREW', '/v1/models', undefined],
    ['GET', '/v1/%', undefined],
  ])('%s %s is %s', (method, url, expected) => {
    expect(routeAt(method, url)).toBe(expected);
  });

  it.each([
    ['/v1/models/openai/gpt-5', 'openai/gpt-5'],
    ['/v1/models/openai%2Fgpt-5', 'openai/gpt-5'],
    ['/v1/models/m%C3%B6del', 'mödel'],
    ['/v1/models/50%25', '50%'],
    ['/v1/models/50%2541', '50%41'],
    ['/v1/models/50%', '50%'],
  ])('%s names %s', (url, id) => {
    expect(router.find('GET', url).params).toEqual({ id });
  });

  it.each(ROUTES.map((route): [string, Route] => [`${route.method} ${route.path}`, route]))(
    'finds %s',
    (_name, route) => {
      const path = route.path.replace(/:id(\{\.\+\})?/, 'some-id');
      expect(router.find(route.method, path).route).toBe(route);
      expect(router.methodsAt(path)).toContain(route.method);
    },
  );
});
