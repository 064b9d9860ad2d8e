import { afterEach, describe, expect, it, vi } from 'vitest';
import { Exchange } from '../../src/providers/shared/exchange.ts';
import { WIRES } from '../e2e/workplace.ts';
import { serve } from '../support/local-server.ts';
import { contextOf, transportOf } from '../support/transport.ts';
import { ask, MODES } from './answers.ts';
import { SECRET_KEY, setUpBench } from './harness.ts';

afterEach(() => vi.unstubAllEnvs());

const OF_OTHERS = 'Authorization: Bearer of-another\nX-Api-Key: of-another\nX-Proxy-Token: of-another';

describe.each([
  ['openai', 'OPENAI'],
  ['openai-compatible', 'OPENAI'],
  ['groq', 'GROQ'],
  ['anthropic', 'ANTHROPIC'],
] as const)('%s', (kind, vendor) => {
  it(`is sent no header that stands in ${vendor}_CUSTOM_HEADERS, and its own key in spite of it`, async () => {
    vi.stubEnv(`${vendor}_CUSTOM_HEADERS`, OF_OTHERS);
    const bench = await setUpBench(kind, { wire: WIRES[kind] });
    await bench.provider.complete(bench.request(), bench.context());
    const { apiKey: _, ...keyless } = bench.context();
    await bench.provider.complete(bench.request(), keyless).catch(() => undefined);
    await bench.close();
    const [withKey, without] = bench.upstream.requests.map(({ headers }) => headers);
    expect(JSON.stringify([withKey, without])).not.toContain('of-another');
    expect(withKey).toMatchObject({ authorization: `Bearer ${SECRET_KEY}` });
    expect(without).not.toHaveProperty('authorization');
  });

  it(`prints nothing to the console, which belongs to the protocol, whatever ${vendor}_LOG says`, async () => {
    vi.stubEnv(`${vendor}_LOG`, 'debug');
    const spies = (['log', 'warn', 'error', 'debug', 'info'] as const).map((name) => vi.spyOn(console, name));
    const bench = await setUpBench(kind, { wire: WIRES[kind] });
    for (const mode of MODES) await ask(bench.provider, mode, bench.request(), bench.context());
    await bench.close();
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});

it('an SDK that sends by itself claims no key of its own finding', async () => {
  const seen: object[] = [];
  const url = await serve((request, response) => {
    seen.push(request.headers);
    response.end();
  });
  const settings = { id: 'x', kind: 'ollama', keys: [], status: 'configured' } as const;
  const { fetch } = new Exchange({ transport: transportOf(), settings }, { context: contextOf() });
  await fetch(url, { headers: { Authorization: 'Bearer of-the-environment', accept: 'text/plain' } });
  expect(seen).toMatchObject([{ accept: 'text/plain' }]);
  expect(seen[0]).not.toHaveProperty('authorization');
});
