import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { EmbedRequest } from '../../src/core/request.ts';
import { planEmbedding } from '../../src/routing/plan-embedding.ts';
import { catalogOf, modelOf, providerOf, tableOf } from '../support/catalog.ts';

const providers = [
  providerOf('keyless', { status: 'unconfigured' }),
  providerOf('second', { kind: 'ollama' }),
  providerOf('third'),
];
const catalog = catalogOf(
  [
    modelOf('third/vectors', { capabilities: ['embedding'], contextTokens: 8_192, usd: [0.02, 0] }),
    modelOf('third/chat', { quality: 0.8 }),
    modelOf('second/vectors', { capabilities: ['embedding'], contextTokens: 512 }),
    modelOf('keyless/vectors', { capabilities: ['embedding'] }),
  ],
  providers,
);
const table = tableOf({ aliases: { vec: 'third/vectors' } });
const plan = (request: Partial<EmbedRequest>) =>
  planEmbedding({
    request: { input: ['a text'], caller: { tenant: 'local', client: 'test' }, ...request },
    table,
    catalog,
    providers,
    health: [],
    nowMs: 0,
  });
const refs = (request: Partial<EmbedRequest>) => plan(request).candidates.map(({ model }) => model.ref);

describe('the plan of an embedding', () => {
  it('takes the first embedding model in the order of the providers', () => {
    const { candidates, rejected, reason } = plan({});
    expect(candidates.map(({ model }) => model.ref)).toEqual(['second/vectors']);
    expect(rejected.map(({ model, code }) => [model, code])).toEqual([['keyless/vectors', 'unknown_provider']]);
    expect(reason).toContain('second/vectors');
  });

  it('takes the model the caller named, and no other', () => {
    expect(refs({ model: 'third/vectors' })).toEqual(['third/vectors']);
    expect(refs({ model: 'vec' })).toEqual(['third/vectors']);
    expect(refs({ model: 'auto' })).toEqual(refs({}));
  });

  it('refuses a model that is known to chat', () => {
    const { candidates, rejected } = plan({ model: 'third/chat' });
    expect(candidates).toEqual([]);
    expect(rejected).toMatchObject([{ model: 'third/chat', code: 'capability_missing' }]);
  });

  it('lets the provider judge a model of which nothing is known', () => {
    expect(refs({ model: 'second/bge-m3' })).toEqual(['second/bge-m3']);
  });

  it('wants each text to fit the window, not all together', () => {
    const text = 'word '.repeat(400);
    expect(refs({ input: [text, text, text] })).toEqual(['second/vectors']);
    const { candidates, rejected } = plan({ input: ['short', text.repeat(3)] });
    expect(candidates).toEqual([]);
    expect(rejected.map(({ code }) => code)).toContain('context_too_long');
  });

  it('counts token ids, and gives them to models of OpenAI only', () => {
    const { candidates, rejected, inputTokensEstimated } = plan({ input: [[1, 2, 3], [4]] });
    expect(inputTokensEstimated).toBe(4);
    expect(candidates.map(({ model }) => model.ref)).toEqual(['third/vectors']);
    expect(rejected).toContainEqual(
      expect.objectContaining({ model: 'second/vectors', code: 'capability_missing', field: 'input' }),
    );
    expect(plan({ input: [Array.from({ length: 8_193 }, () => 1)] }).candidates).toEqual([]);
  });

  it('expects to pay for the input alone, and at most for its bytes', () => {
    const { candidates, inputTokensEstimated } = plan({ model: 'third/vectors' });
    expect(candidates[0]?.costExpected).toBe(inputTokensEstimated * 20);
    const { costMax = 0, costBound } = candidates[0] ?? {};
    expect(costMax).toBe((costBound?.inputTokensMax ?? 0) * 20);
    expect(costBound).toMatchObject({ outputTokensMax: 0, choices: 1 });
  });

  it('refuses an unknown name with near matches', () => {
    expect(() => plan({ model: 'third/vectros' })).toThrow(GatewayError);
    expect(() => plan({ model: 'nowhere/vectors' })).toThrow(/no provider "nowhere"/);
  });
});
