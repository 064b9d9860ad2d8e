import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { failure, model, openGateway } from '../support/gateway.ts';
import { USAGE } from '../support/scripted-data.ts';
import { createScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const SPENT = new GatewayError('quota_exhausted', 'no credit left', { status: 402 });

/** Two models that embed, in this order. The first takes 512 tokens. */
async function gatewayOf(failing: 'first' | 'second', fault = SPENT) {
  const providerOf = (id: string): ScriptedProvider => ({
    ...createScriptedProvider(id, () => []),
    async embed(_input, { onSent }) {
      onSent?.();
      if (id === failing) throw fault;
      return { embeddings: [[1]], usage: USAGE, model: 'e' };
    },
  });
  const capabilities = ['embedding'] as const;
  open = await openGateway({
    providers: ['first', 'second'].map(providerOf),
    models: [model('first/e', { capabilities, contextTokens: 512 }), model('second/e', { capabilities })],
  });
  const { gateway } = open;
  return (text: string, name?: string) => {
    const request = { input: [text], caller: { tenant: 'local', client: 'test' }, ...(name && { model: name }) };
    return gateway.embed(request, { signal: new AbortController().signal });
  };
}

describe('an embedding by no model in particular', () => {
  it('is by the first, whatever rests after it', async () => {
    const embed = await gatewayOf('second');
    await failure(embed('a', 'second/e'));
    expect(await embed('a')).toMatchObject({ ref: 'first/e' });
  });

  it('is by no other while the first rests, and says when it may be', async () => {
    const embed = await gatewayOf('first');
    await failure(embed('a', 'first/e'));
    const error = await failure(embed('b'));
    expect(error).toMatchObject({ code: 'all_cooling', message: expect.stringContaining('first/e') });
    expect(error.retryAfterMs).toBeGreaterThan(0);
  });

  it('is by no other while its server does not have the first', async () => {
    const embed = await gatewayOf('first', new GatewayError('unknown_model', 'no models loaded', { status: 404 }));
    for (const text of ['a', 'b']) expect(await failure(embed(text))).toMatchObject({ code: 'unknown_model' });
  });

  it('is by no other where a text is too long for the first: vectors of two models cannot be compared', async () => {
    const embed = await gatewayOf('second');
    expect(await failure(embed('word '.repeat(2_000)))).toMatchObject({ code: 'context_too_long' });
  });
});
