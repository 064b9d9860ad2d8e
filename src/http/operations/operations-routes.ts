import type { Route } from '../http-types.ts';
import { jsonReply } from '../reply/json-reply.ts';

/** Does the process live and answer? Says nothing of providers or disks: a restart would not mend these. */
export const HEALTHZ: Route = {
  method: 'GET',
  path: '/healthz',
  dialect: 'plain',
  access: 'open',
  handle: async () => jsonReply({ status: 'ok' }),
};

/** May traffic come? Open to everybody, so it names no provider, no path and no number. */
export const READYZ: Route = {
  method: 'GET',
  path: '/readyz',
  dialect: 'plain',
  access: 'open',
  async handle(_open, { operations }) {
    const reasons = await operations.notReady();
    if (reasons.length === 0) return jsonReply({ status: 'ready' });
    return jsonReply({ status: 'not ready', reasons }, {}, 503);
  },
};

/** For Prometheus, whose scrape configuration can carry the token: figures tell what a business does. */
export const METRICS: Route = {
  method: 'GET',
  path: '/metrics',
  dialect: 'plain',
  access: 'token',
  async handle(_open, { operations }) {
    const { contentType, text } = await operations.metrics();
    return { status: 200, headers: { 'content-type': contentType }, body: text };
  },
};
