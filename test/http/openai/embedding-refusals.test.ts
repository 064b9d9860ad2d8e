import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { expectRefusal, type Refusal } from './expect-refusal.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

afterEach(async () => {
  expect(service.receivedCount()).toBe(0);
  expect(await service.app.gateway.requestLog({ limit: 10 })).toEqual([]);
});

describe('POST /v1/embeddings refuses', () => {
  const embed = { model: `openai/${MODEL}`, input: 'Hello' };
  test.each<readonly [string, object, Refusal]>([
    ['no model', { model: undefined }, { param: 'model' }],
    ['no input', { input: undefined }, { param: 'input' }],
    ['an empty input', { input: '' }, { param: 'input' }],
    ['an empty list', { input: [] }, { param: 'input' }],
    ['an empty text in the list', { input: ['a', ''] }, { param: 'input[1]' }],
    ['part of a token', { input: [1, 2.5] }, { param: 'input[1]' }],
    ['a token below the first', { input: [[1], [2, -1]] }, { param: 'input[1][1]' }],
    ['a list of no tokens', { input: [[1], []] }, { param: 'input[1]' }],
    ['a text among tokens', { input: [1, 'a'] }, { param: 'input[1]' }],
    ['tokens among texts', { input: ['a', [1]] }, { param: 'input[1]' }],
    ['300,001 tokens', { input: Array.from({ length: 300_001 }, () => 1) }, { param: 'input' }],
    ['2,049 texts', { input: Array.from({ length: 2_049 }, () => 'a') }, { param: 'input' }],
    ['no dimensions at all', { dimensions: 0 }, { param: 'dimensions' }],
    ['part of a dimension', { dimensions: 2.5 }, { param: 'dimensions' }],
    ['another encoding', { encoding_format: 'int8' }, { param: 'encoding_format' }],
    ['an unknown field', { inputs: 'a' }, { param: 'inputs', says: /"input"/ }],
    ['routing', { model: 'tier:simple' }, { param: 'model', says: /tier/ }],
    ['an unknown model', { model: 'openai/nothing-like-it' }, { param: 'model', status: 404 }],
  ])('%s', async (_name, more, refusal) => {
    await expectRefusal(await service.post('/v1/embeddings', { ...embed, ...more }), refusal);
  });
});
