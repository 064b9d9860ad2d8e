import type { Route } from '../http-types.ts';

/** Does the process live and answer? Says nothing of providers or disks: a restart would not mend these. */
export const HEALTHZ: Route = {
  method: 'GET',
  path: '/healthz',
  dialect: 'plain',
  access: 'open',
  handle: async (context) => context.json({ status: 'ok' }),
};

/** May traffic come? Open to everybody, so it names no provider, no path and no number. */
export const READYZ: Route = {
  method: 'GET',
  path: '/readyz',
  dialect: 'plain',
  access: 'open',
  async handle(context, { operations }) {
    const reasons = await operations.notReady();
    if (reasons.length === 0) return context.json({ status: 'ready' });
    return context.json({ status: 'not ready', reasons }, 503);
  },
};
