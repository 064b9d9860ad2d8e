import { afterAll, describe, expect, it } from 'vitest';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import { type FakeUpstream, type Step, startFakeUpstream } from '../support/fake-upstream.ts';
import { chat } from '../support/gateway.ts';
import { CANARY, createWorkplace, MODEL, WIRES } from './workplace.ts';

type Case = {
  readonly name: string;
  /** What each of the first two calls of the faulty provider gets. */
  readonly step: Step;
  readonly error: string;
  /** Kinds that mean something else by it. */
  readonly errorOf?: Partial<Record<ProviderKind, string>>;
  /** How the attempts on the faulty provider are booked. */
  readonly status: 'failed_unbilled' | 'truncated' | 'unknown';
  /** Kinds that have no such fault, with the reason. */
  readonly unknownTo?: Partial<Record<ProviderKind, string>>;
};

const LONG = { text: 'These are a good many words, so that a cut falls somewhere in the middle of them all.' };

const CASES: readonly Case[] = [
  { name: '500', step: { say: { failure: 'server_error' } }, error: 'provider_error', status: 'failed_unbilled' },
  {
    name: 'overloaded',
    step: { say: { failure: 'overloaded' } },
    error: 'provider_overloaded',
    status: 'failed_unbilled',
  },
  { name: '429', step: { say: { failure: 'rate_limited' } }, error: 'rate_limited', status: 'failed_unbilled' },
  {
    name: 'quota',
    step: { say: { failure: 'quota' } },
    error: 'quota_exhausted',
    // Gemini's quotas per day are a model's, and rest no other.
    errorOf: { gemini: 'rate_limited' },
    status: 'failed_unbilled',
    unknownTo: { ollama: 'a local server sells nothing' },
  },
  { name: '401', step: { say: { failure: 'auth' } }, error: 'provider_auth', status: 'failed_unbilled' },
  { name: '404 model', step: { say: { failure: 'unknown_model' } }, error: 'unknown_model', status: 'failed_unbilled' },
  {
    name: 'reset before headers',
    step: { fault: { type: 'reset-before-headers' } },
    error: 'provider_unavailable',
    status: 'unknown',
  },
  {
    name: 'no headers',
    step: { fault: { type: 'stall-before-headers' } },
    error: 'provider_timeout',
    status: 'unknown',
  },
  {
    name: 'headers, then nothing',
    step: { fault: { type: 'stall', afterFrames: 0 } },
    error: 'provider_timeout',
    status: 'unknown',
  },
  {
    name: 'web page with 200',
    step: { fault: { type: 'replace', headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' } },
    error: 'malformed_response',
    status: 'unknown',
  },
  {
    name: 'empty body with 200',
    step: { fault: { type: 'replace', body: '' } },
    error: 'stream_truncated',
    status: 'truncated',
  },
  {
    name: 'end without terminal event',
    step: { say: LONG, fault: { type: 'no-terminal-event' } },
    error: 'stream_truncated',
    status: 'truncated',
  },
  {
    name: 'reset in mid-answer',
    step: { say: LONG, fault: { type: 'reset', afterBytes: 700 } },
    error: 'stream_truncated',
    status: 'truncated',
  },
];

const SHORT_LIMITS = { firstTokenMs: 600, firstTokenSlowMs: 600, idleMs: 600 };

const table: string[] = [];
afterAll(() => process.stdout.write(`\n${table.sort().join('\n')}\n`));

async function upstreamOf(kind: ProviderKind): Promise<FakeUpstream> {
  return startFakeUpstream(WIRES[kind], { models: [MODEL] });
}

/** Chat requests the vendor received. */
function chats({ requests }: FakeUpstream): number {
  return requests.filter(({ call }) => call?.type === 'chat').length;
}

describe.each(PROVIDER_KINDS)('a %s provider with a fault', (kind) => {
  for (const { name, unknownTo } of CASES) {
    const reason = unknownTo?.[kind];
    if (reason) table.push(`${kind.padEnd(18)} ${name.padEnd(28)} not applicable: ${reason}`);
  }

  it.each(CASES.filter(({ unknownTo }) => !unknownTo?.[kind]))(
    '$name is replaced by a healthy one, and the books say so',
    async ({ name, step, error: usualError, errorOf, status }) => {
      const error = errorOf?.[kind] ?? usualError;
      const faulty = await upstreamOf(kind);
      const healthy = await upstreamOf('openai-compatible');
      // Only silence is cut short: whoever answers may take its time on a busy machine.
      const limits = error === 'provider_timeout' ? SHORT_LIMITS : {};
      const workplace = createWorkplace(
        [
          { id: 'faulty', kind, upstream: faulty },
          { id: 'healthy', kind: 'openai-compatible', upstream: healthy },
        ],
        { limits },
      );
      faulty.script(step, step);
      const app = await workplace.open();
      const answer = await app.gateway.complete(chat('hello'), { signal: new AbortController().signal });
      const [request] = await app.gateway.requestLog({ limit: 1 });
      await app.close();

      expect(answer.model).toBe(`healthy/${MODEL}`);
      const failed = request?.attempts.filter(({ provider }) => provider === 'faulty') ?? [];
      expect(failed.map((attempt) => [attempt.error, attempt.status])).toEqual(failed.map(() => [error, status]));
      expect(failed).toHaveLength(chats(faulty));
      expect(chats(healthy)).toBe(1);
      expect(JSON.stringify([request, answer])).not.toContain(CANARY);
      table.push(
        `${kind.padEnd(18)} ${name.padEnd(28)} ${error}, ${failed.length} attempt(s) ${status}, then answered`,
      );
      await Promise.all([faulty.close(), healthy.close()]);
      workplace.remove();
    },
  );
});
