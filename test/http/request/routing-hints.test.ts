import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { readRouting } from '../../../src/http/request/routing-hints.ts';
import { call } from '../../support/raw-http.ts';
import { openInProcess, TOKEN } from '../../support/serve.ts';

const HINTS: Route = {
  method: 'GET',
  path: '/hints',
  dialect: 'openai',
  access: 'token',
  handle: async (open) => jsonReply(readRouting(open, open.query.get('model') ?? undefined)),
};

let service: Awaited<ReturnType<typeof openInProcess>>;
beforeAll(async () => {
  service = await openInProcess({ upstreams: [], routes: [HINTS] });
});
afterAll(() => service.close());

const read = (model: string | undefined, headers: Record<string, string> = {}) =>
  call(service.url, {
    path: `/hints${model === undefined ? '' : `?model=${encodeURIComponent(model)}`}`,
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
  });

describe('the name of a model', () => {
  it.each([
    [undefined, {}],
    ['auto', {}],
    ['auto:cost', { strategy: 'cost' }],
    ['tier:expert', { tier: 'expert' }],
    ['openai/gpt-5-mini', { model: 'openai/gpt-5-mini' }],
    ['gpt-5-mini', { model: 'gpt-5-mini' }],
    ['llama3.2:3b', { model: 'llama3.2:3b' }],
  ])('%s', async (model, hints) => {
    expect((await read(model)).json).toEqual({ cache: 'use', ...hints });
  });

  it.each([
    ['auto:chaep', 'auto:cost'],
    ['auto:', 'auto:cost'],
    ['tier:exprt', 'Did you mean "tier:expert"?'],
    ['tier:', 'tier:trivial'],
  ])('is refused with what there is: %s', async (model, advice) => {
    const reply = await read(model);
    expect(reply.status).toBe(400);
    expect(reply.json.error.param).toBe('model');
    expect(reply.json.error.message).toContain(advice);
  });
});

describe('the headers', () => {
  it('say the rest', async () => {
    const headers = {
      'x-signalbox-tier': 'simple',
      'x-signalbox-task': 'code',
      'X-Signalbox-Strategy': 'quality',
      'x-signalbox-provider': ' groq ',
      'x-signalbox-cache': 'refresh',
      'x-signalbox-max-cost-usd': '0.05',
    };
    expect((await read('auto', headers)).json).toEqual({
      tier: 'simple',
      task: 'code',
      strategy: 'quality',
      provider: 'groq',
      cache: 'refresh',
      costMax: 50_000_000,
    });
  });

  it.each([
    ['x-signalbox-tier', 'hard'],
    ['x-signalbox-task', ''],
    ['x-signalbox-strategy', 'constructor'],
    ['x-signalbox-cache', 'no'],
    ['x-signalbox-max-cost-usd', '0'],
    ['x-signalbox-max-cost-usd', '-1'],
    ['x-signalbox-max-cost-usd', '1e3'],
    ['x-signalbox-max-cost-usd', 'NaN'],
    ['x-signalbox-max-cost-usd', '9999999'],
  ])('are refused by name: %s: %s', async (name, value) => {
    const reply = await read('auto', { [name]: value });
    expect(reply.status).toBe(400);
    expect(reply.json.error).toMatchObject({ code: 'invalid_request', param: name });
  });

  it.each(['base-url', 'api-key', 'upstream', 'teir', 'x'])('there is none called x-signalbox-%s', async (name) => {
    const reply = await read('auto', { [`x-signalbox-${name}`]: 'http://evil.example.com' });
    expect(reply.status).toBe(400);
    expect(reply.json.error.message).toContain('x-signalbox-tier');
    expect(reply.text).not.toContain('evil.example.com');
  });

  it('may repeat what the model says, but not say something else', async () => {
    expect((await read('tier:simple', { 'x-signalbox-tier': 'simple' })).json.tier).toBe('simple');
    expect((await read('tier:simple', { 'x-signalbox-tier': 'expert' })).status).toBe(400);
    expect((await read('auto:cost', { 'x-signalbox-strategy': 'quality' })).status).toBe(400);
    expect((await read('auto', { 'x-signalbox-tier': 'expert' })).json.tier).toBe('expert');
  });
});
