import { describe, expect, it } from 'vitest';
import type { AnswerOutcome } from '../../src/core/ports.ts';
import { chat, model } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';
import { gatewayOf } from './gateway-pair.ts';

const SCHEMA = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] } as const;
const WITH_SCHEMA = { responseFormat: { type: 'json-schema', name: 'person', schema: SCHEMA } } as const;

async function pairThatSays(first: string, second: string) {
  const outcomes: AnswerOutcome[] = [];
  const harness = await gatewayOf({
    providers: [
      createScriptedProvider('first', () => answer(first)),
      createScriptedProvider('second', () => answer(second)),
    ],
    models: [model('first/a'), model('second/b')],
    outcomes: { answerJudged: (outcome) => outcomes.push(outcome) },
  });
  return { ...harness, outcomes };
}

describe('whoever learns', () => {
  it('hears that a model could not give the JSON asked for and another one did', async () => {
    const { ask, outcomes } = await pairThatSays('{"age":"old"}', '{"age":36}');
    const given = await ask('How old was Ada?', {}, WITH_SCHEMA);
    expect(given.model).toBe('second/b');
    expect(outcomes).toMatchObject([{ requestId: given.requestId, model: 'first/a', failure: 1, source: 'fallback' }]);
  });

  it('hears nothing of answers of which nothing can be told', async () => {
    const { ask, outcomes } = await pairThatSays('{"age":36}', 'never asked');
    await ask('How old was Ada?', {}, WITH_SCHEMA);
    await ask('Tell me of her.');
    expect(outcomes).toEqual([]);
  });
});

describe('what a site has learnt', () => {
  it('moves its tiers, and the evidence says so; small talk stays small talk', async () => {
    let shift = 0;
    const { gateway } = await gatewayOf({
      providers: [createScriptedProvider('first', () => answer('ok'))],
      models: [model('first/a')],
      site: () => ({ labels: 200, shift: () => shift }),
    });
    const planOf = async (prompt: string) => (await gateway.preview(chat(prompt))).plan;
    const before = await planOf('What is the capital of France?');
    expect(before.evidence.map(({ feature }) => feature)).not.toContain('learntHere');
    shift = 3;
    const after = await planOf('What is the capital of France?');
    expect([before.tier, after.tier]).toEqual(['simple', 'expert']);
    expect(after.evidence).toContainEqual({ feature: 'learntHere', value: 200, weight: expect.any(Number) });
    expect(after.reason).toContain('what was learnt here');
    expect((await planOf('Hello!')).tier).toBe('trivial');
  });
});
