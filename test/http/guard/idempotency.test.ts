import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from '../openai/service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

let count = 0;
function ask(more: object = {}) {
  count += 1;
  return { model: `openai/${MODEL}`, messages: [{ role: 'user', content: `Question ${count}?` }], ...more };
}

const CHAT = '/v1/chat/completions';
// Not the cache is to answer.
const under = (key: string) => ({ 'idempotency-key': key, 'x-signalbox-cache': 'off' });

describe('an Idempotency-Key', () => {
  test.each([false, true])('has the same request answered alike and paid once (stream: %s)', async (stream) => {
    const body = ask({ stream });
    const key = `alike-${stream}`;
    const first = await service.post(CHAT, body, under(key));
    const said = await first.text();
    const sent = service.receivedCount();
    const again = await service.post(CHAT, body, under(key));
    expect(await again.text()).toBe(said);
    expect(said).toMatch('Hello');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    for (const name of ['content-type', 'x-signalbox-request-id', 'x-signalbox-model']) {
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(service.receivedCount()).toBe(sent);
  });

  test('of another request is refused with 422', async () => {
    await (await service.post(CHAT, ask(), under('other'))).text();
    const response = await service.post(CHAT, ask(), under('other'));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ error: { param: 'Idempotency-Key', type: 'invalid_request_error' } });
  });

  test('of a request under way is refused with 409', async () => {
    service.upstream('openai').script({ say: { text: 'Slowly.', pace: { firstMs: 300, frameMs: 0 } } });
    const body = ask();
    const slow = service.post(CHAT, body, under('slow'));
    await service.upstream('openai').received(service.receivedCount());
    expect((await service.post(CHAT, body, under('slow'))).status).toBe(409);
    expect((await slow).status).toBe(200);
  });

  test('is free again after a failure, before and within a stream', async () => {
    const refused = await service.post(CHAT, ask({ temperature: 9 }), under('free'));
    expect(refused.status).toBe(400);
    service.upstream('openai').script({ say: { text: 'Half of it' }, fault: { type: 'no-terminal-event' } });
    const cut = await service.post(CHAT, ask({ stream: true }), under('free'));
    expect(await cut.text()).toMatch('"error"');
    expect((await service.post(CHAT, ask(), under('free'))).status).toBe(200);
  });

  test('says nothing of what is not posted', async () => {
    for (const path of ['/v1/models', '/healthz', '/v1/models']) {
      const response = await service.get(path, under('get'));
      expect(response.status).toBe(200);
      expect(response.headers.has('idempotent-replayed')).toBe(false);
    }
  });

  test('says nothing to /mcp, which has keys of its own', async () => {
    const clientInfo = { name: 'test', version: '1' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    const accept = { accept: 'application/json, text/event-stream' };
    const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    expect((await service.post('/mcp', body, { ...under(''), ...accept })).status).toBe(200);
  });

  test.each([
    ['empty', ''],
    ['of 256 characters', 'k'.repeat(256)],
  ])('that is %s is refused', async (_name, key) => {
    const response = await service.post(CHAT, ask(), under(key));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'Idempotency-Key' } });
  });
});
