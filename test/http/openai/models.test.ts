import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai', 'anthropic']);
});
afterAll(() => service.close());

test('the list has the names of the router first, then the models', async () => {
  const { object, data } = (await (await service.get('/v1/models')).json()) as {
    object: string;
    data: { id: string }[];
  };
  expect(object).toBe('list');
  expect(data[0]).toEqual({ id: 'auto', object: 'model', created: 0, owned_by: 'signalbox' });
  const ids = data.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(['auto:quality', 'tier:expert', `openai/${MODEL}`, `anthropic/${MODEL}`]));
  expect(new Set(ids).size).toBe(ids.length);
});

test("Anthropic's client pages through the same names and finds one of them", async () => {
  const client = new Anthropic({ baseURL: service.url, apiKey: service.token, maxRetries: 0 });
  const ids: string[] = [];
  for await (const { id, type } of client.models.list({ limit: 3 })) {
    expect(type).toBe('model');
    ids.push(id);
  }
  const { data } = (await (await service.get('/v1/models')).json()) as { data: { id: string }[] };
  expect(ids).toEqual(data.map(({ id }) => id));
  const model = await client.models.retrieve(`anthropic/${MODEL}`);
  expect(model).toMatchObject({
    id: `anthropic/${MODEL}`,
    max_input_tokens: 32_768,
    created_at: '1970-01-01T00:00:00Z',
  });
  await expect(client.models.retrieve('anthropic/nothing')).rejects.toMatchObject({
    status: 404,
    error: { type: 'error', error: { type: 'not_found_error' } },
  });
  await expect(client.models.list({ limit: 0 })).rejects.toMatchObject({ status: 400 });
});

test('a name that is nearly one of the router is refused as in a request', async () => {
  const response = await service.get('/v1/models/tier:compex');
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { message: string; param: string } };
  expect(error).toMatchObject({ param: 'model', message: expect.stringContaining('Did you mean "tier:complex"?') });
});

test("the beta part of Anthropic's Python client says so in the address, and has the same models", async () => {
  const version = { 'anthropic-version': '2023-06-01' };
  const list = await service.get('/v1/models?beta=true&limit=1000', version);
  const { data } = (await list.json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['auto', `anthropic/${MODEL}`]));
  const model = await service.get(`/v1/models/anthropic/${MODEL}?beta=true`, version);
  expect(await model.json()).toMatchObject({ id: `anthropic/${MODEL}`, type: 'model' });
});

test("the list has a configuration's own names too, from which clients let a person choose", async () => {
  const own = await openService(['openai', 'anthropic'], {
    config: { routing: { aliases: { smart: `anthropic/${MODEL}`, smarter: 'smart' } } },
  });
  try {
    const { data } = (await (await own.get('/v1/models')).json()) as { data: { id: string; owned_by: string }[] };
    const ids = data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['auto', 'smart', 'smarter', `anthropic/${MODEL}`]));
    expect(data.find(({ id }) => id === 'smart')).toMatchObject({ owned_by: 'anthropic' });
    expect(new Set(ids).size).toBe(ids.length);
    const version = { 'anthropic-version': '2023-06-01' };
    const page = (await (await own.get('/v1/models?limit=1000', version)).json()) as { data: { id: string }[] };
    expect(page.data.find(({ id }) => id === 'smart')).toMatchObject({ type: 'model', max_input_tokens: 32_768 });
  } finally {
    await own.close();
  }
});

test.each(['deft', 'only-here'])('a model is found by a name that a request may give: %s', async (name) => {
  const own = await openService(['ollama'], {
    config: {
      models: { 'ollama/only-here': { contextTokens: 8_192 } },
      routing: { aliases: { deft: 'ollama/only-here' } },
    },
  });
  try {
    const response = await own.get(`/v1/models/${name}`);
    expect(await response.json()).toMatchObject({ id: 'ollama/only-here', object: 'model', owned_by: 'ollama' });
    const asAnthropic = await own.get(`/v1/models/${name}`, { 'anthropic-version': '2026-10-21' });
    expect(await asAnthropic.json()).toMatchObject({ id: 'ollama/only-here', type: 'model', max_input_tokens: 8_192 });
  } finally {
    await own.close();
  }
});

test('a model is found with its slash escaped or not, and near names are offered', async () => {
  for (const path of [`/v1/models/openai/${MODEL}`, `/v1/models/openai%2F${MODEL}`]) {
    expect(await (await service.get(path)).json()).toMatchObject({ id: `openai/${MODEL}`, owned_by: 'openai' });
  }
  const missing = await service.get('/v1/models/openai/model-under-tset');
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({
    error: { code: 'unknown_model', param: 'model', message: expect.stringMatching(MODEL) },
  });
});

test('an older or dated model, which no list has, is found by its bare name as well, and a mistyped one is not', async () => {
  const providers = {
    local: { kind: 'ollama' },
    claude: { kind: 'anthropic', apiKey: 'key', baseUrl: 'http://127.0.0.1:9' },
  };
  const own = await openService([], { config: { providers } });
  try {
    const found = await own.get('/v1/models/claude-haiku-4-5-20251001');
    expect(await found.json()).toMatchObject({ id: 'claude/claude-haiku-4-5-20251001', owned_by: 'claude' });
    for (const name of ['claude-haiko-4-5-20251001', 'Claude-Haiku-4-5-20251001', 'llama-nine']) {
      expect((await own.get(`/v1/models/${name}`)).status).toBe(404);
    }
  } finally {
    await own.close();
  }
});
