import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Provider } from '../../src/core/provider.ts';
import type { ToolName } from '../../src/core/tool-names.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { runTool } from '../../src/mcp/run-tool.ts';
import { model, openGateway } from '../support/gateway.ts';
import {
  answer,
  createScriptedProvider,
  refusal,
  type ScriptedProvider,
  type Step,
} from '../support/scripted-provider.ts';
import { inspect } from '../support/store.ts';

type Open = Awaited<ReturnType<typeof openGateway>>;

let open: Open;
let provider: ScriptedProvider;
let script: (call: number) => readonly Step[];
let embedded: number;

beforeEach(async () => {
  script = (call) => answer(`answer ${call}`);
  embedded = 0;
  const embed: NonNullable<Provider['embed']> = async ({ input }, { onSent }) => {
    onSent?.();
    embedded += 1;
    return { embeddings: input.map(() => [embedded, 0.5]), usage: USAGE, model: 'e' };
  };
  provider = { ...createScriptedProvider('only', (_request, call) => script(call)), embed };
  const models = [model('only/m'), model('only/e', { capabilities: ['embedding'] })];
  open = await openGateway({ providers: [provider], models });
});
afterEach(() => open.close());

const USAGE = { ...NO_USAGE, inputTokens: 3, source: 'reported' } as const;

/** Never from the cache: a repetition has to be known by its key. */
function ask(
  prompt: string,
  key: string,
  more: object = {},
  { tenant = 'local', tool = 'complete' }: { readonly tenant?: string; readonly tool?: ToolName } = {},
) {
  const input = tool === 'embed' ? { input: prompt } : { prompt, cache: 'off' };
  return runTool(
    tool,
    { ...input, metadata: { idempotency_key: key }, ...more },
    { gateway: open.gateway, caller: { tenant, client: 'test' }, signal: new AbortController().signal },
  );
}

const errorOf = ({ structured }: Awaited<ReturnType<typeof ask>>) =>
  structured.error as { code: string; message: string; retryable: boolean; retry_after_ms?: number };

it('the same call under the same key is one request, and gets the first result to the letter', async () => {
  const first = await ask('hello', 'key-1');
  const again = await ask('hello', 'key-1');
  expect(first).toMatchObject({ isError: false, structured: { text: 'answer 1' } });
  expect(again).toEqual(JSON.parse(JSON.stringify(first)));
  expect(provider.calls).toHaveLength(1);
  expect(await open.books()).toHaveLength(1);
});

it('another call under the key is refused, whatever differs', async () => {
  await ask('hello', 'key-1');
  for (const [prompt, more] of [
    ['goodbye', {}],
    ['hello', { temperature: 0.5 }],
    ['hello', { metadata: { idempotency_key: 'key-1', project: 'alpha' } }],
  ] as const) {
    const refused = await ask(prompt, 'key-1', more);
    expect(refused.isError).toBe(true);
    expect(errorOf(refused)).toMatchObject({ code: 'invalid_request', retryable: false });
    expect(errorOf(refused).message).toBe('The "metadata.idempotency_key" belongs to another request.');
  }
  expect(errorOf(await ask('hello', 'key-1', {}, { tool: 'embed' })).message).toMatch('another request');
  expect(provider.calls).toHaveLength(1);
});

it('another tenant and no key at all are not answered with what one tenant has', async () => {
  await ask('hello', 'key-1');
  expect(await ask('hello', 'key-1', {}, { tenant: 'other' })).toMatchObject({ structured: { text: 'answer 2' } });
  expect(await ask('hello', 'key-1', { metadata: {} })).toMatchObject({ structured: { text: 'answer 3' } });
});

it('a call whose first is under way is told to come back, and finds the answer then', async () => {
  const gate = Promise.withResolvers<void>();
  script = (call) => [{ type: 'sent' }, { type: 'gate', gate: gate.promise }, ...answer(`answer ${call}`).slice(1)];
  const first = ask('hello', 'key-1');
  await expect.poll(() => provider.calls.length).toBe(1);
  const second = await ask('hello', 'key-1');
  expect(errorOf(second)).toMatchObject({ retryable: true, retry_after_ms: 1_000 });
  expect(second.text).toMatch('still being answered');
  gate.resolve();
  expect(await first).toMatchObject({ structured: { text: 'answer 1' } });
  expect(await ask('hello', 'key-1')).toMatchObject({ structured: { text: 'answer 1' } });
});

it('a failure, and arguments that are wrong, leave the key free', async () => {
  expect(await ask('', 'key-1')).toMatchObject({ isError: true });
  script = (call) => (call === 1 ? refusal('content_filtered', 'no', { status: 400 }) : answer('now'));
  expect(await ask('hello', 'key-1')).toMatchObject({ isError: true });
  expect(await ask('hello', 'key-1')).toMatchObject({ structured: { text: 'now' } });
});

it.each(['', '  ', 'k'.repeat(256)])('a key such as %j is refused', async (key) => {
  expect(errorOf(await ask('hello', key)).message).toBe(
    '"metadata.idempotency_key" has to be one text of 1 to 255 characters.',
  );
});

it('embeddings are computed once as well', async () => {
  const first = await ask('some text', 'key-1', {}, { tool: 'embed' });
  expect(first).toMatchObject({ isError: false, structured: { embeddings: [[1, 0.5]] } });
  expect(await ask('some text', 'key-1', {}, { tool: 'embed' })).toEqual(JSON.parse(JSON.stringify(first)));
  expect(embedded).toBe(1);
});

it('embeddings are booked under their metadata, and it is bounded', async () => {
  await ask('some text', 'key-1', { metadata: { idempotency_key: 'key-1', project: 'alpha' } }, { tool: 'embed' });
  await open.books();
  const rows = inspect(join(open.dataDir, 'ledger.db'), 'SELECT kind, metadata FROM requests');
  expect(rows).toEqual([{ kind: 'embed', metadata: '{"project":"alpha"}' }]);
  const metadata = { project: 'x'.repeat(17_000) };
  expect(errorOf(await ask('text', '', { metadata }, { tool: 'embed' }))).toMatchObject({ code: 'too_large' });
});

it('the key reaches neither the provider nor any file', async () => {
  const key = 'a-key-nobody-else-has';
  await ask('hello', key, { metadata: { idempotency_key: key, project: 'alpha' } });
  expect(JSON.stringify(provider.calls.map(({ request }) => request))).not.toContain(key);
  await open.books();
  for (const name of readdirSync(open.dataDir)) {
    expect(readFileSync(join(open.dataDir, name)).includes(key), name).toBe(false);
  }
});
