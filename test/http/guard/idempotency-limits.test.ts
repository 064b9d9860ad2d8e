import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Route } from '../../../src/http/http-types.ts';
import { sendJson } from '../../../src/http/reply/send-json.ts';
import { readJsonBody } from '../../../src/http/request/read-json-body.ts';
import { type InProcess, startInProcess, TOKEN } from '../../support/serve.ts';

const DAY_MS = 24 * 3_600_000;
const ANSWER_CHARACTERS = 4_000_000;
const OTHER_TOKEN = 'other-token-7Hq2LmZ8kT9v';
const TOKENS = [
  { value: TOKEN, caller: { tenant: 'one' } },
  { value: OTHER_TOKEN, caller: { tenant: 'other' } },
];

let answered: number;
let release: () => void;
let service: InProcess;

/** Says how often it was asked; `wait` in the body has it wait, `large` has it say much. */
function countingRoute(): Route {
  const { promise, resolve } = Promise.withResolvers<void>();
  release = resolve;
  return {
    method: 'POST',
    path: '/count',
    dialect: 'openai',
    access: 'token',
    async handle(context) {
      const { wait, large } = await readJsonBody(context);
      answered += 1;
      const body = { count: answered, ...(large === true && { text: 'x'.repeat(ANSWER_CHARACTERS) }) };
      if (wait === true) await promise;
      return sendJson(context, body);
    },
  };
}

beforeEach(async () => {
  answered = 0;
  vi.useFakeTimers({ toFake: ['performance'] });
  service = await startInProcess({ upstreams: [], routes: [countingRoute()], settings: { tokens: TOKENS } });
});

afterEach(() => void vi.useRealTimers());

async function ask(key: string, body: object = {}, token = TOKEN) {
  const response = await fetch(`${service.url}/count`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  const { count } = (await response.json()) as { count?: number };
  return { status: response.status, count };
}

describe('an answer under an Idempotency-Key', () => {
  test("is its tenant's alone", async () => {
    expect(await ask('same')).toMatchObject({ count: 1 });
    expect(await ask('same', {}, OTHER_TOKEN)).toMatchObject({ count: 2 });
    expect(await ask('same')).toMatchObject({ count: 1 });
  });

  test('is kept for a day, and then given anew', async () => {
    await ask('day');
    vi.advanceTimersByTime(DAY_MS - 1_000);
    expect(await ask('day')).toMatchObject({ count: 1 });
    vi.advanceTimersByTime(2_000);
    expect(await ask('day')).toMatchObject({ count: 2 });
  });

  test('gives way when too much is kept, the oldest first, but never one that is still due', async () => {
    const due = ask('due', { wait: true });
    await vi.waitFor(() => expect(answered).toBe(1));
    await ask('oldest', { large: true });
    for (let each = 0; each < 8; each += 1) await ask(`later-${each}`, { large: true });
    expect((await ask('due', { wait: true })).status).toBe(409);
    expect(await ask('later-7', { large: true })).toMatchObject({ count: 10 });
    release();
    expect((await due).status).toBe(200);
    expect(await ask('oldest', { large: true })).toMatchObject({ count: 11 });
  });
});
