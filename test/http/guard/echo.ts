import type { HttpSettings } from '../../../src/http/http-settings.ts';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { readJsonBody } from '../../../src/http/request/read-json-body.ts';
import { call } from '../../support/raw-http.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';

/** Gives the body back. */
const ECHO: Route = {
  method: 'POST',
  path: '/echo',
  dialect: 'openai',
  access: 'token',
  handle: async (open) => jsonReply(await readJsonBody(open)),
};

/** A service whose only route gives back the body that it is sent. */
export const startEcho = (settings: Partial<HttpSettings> = {}) =>
  startInProcess({ upstreams: [], routes: [ECHO], settings });

/** The beginning of a request that is let in. */
export function head(url: string, ...lines: string[]): string {
  const { host } = new URL(url);
  return [
    'POST /echo HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${TOKEN}`,
    'Content-Type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');
}

/** A request that is let in and answered with 200, unless something is wrong. */
export function askEcho(url: string) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return call(url, { method: 'POST', path: '/echo', headers, body: '{}' });
}
