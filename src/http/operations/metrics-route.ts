import type { Route } from '../http-types.ts';

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
