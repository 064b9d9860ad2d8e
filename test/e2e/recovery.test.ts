import { expect, it, onTestFinished } from 'vitest';
import { chat, failure } from '../support/gateway.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { createWorkplace, MODEL } from './workplace.ts';

it('a provider that could not be reached is back without a request having tried it', async () => {
  const [former, first] = await Promise.all([startUpstream(), startUpstream()]);
  const port = Number(new URL(first.origin).port);
  const place = createWorkplace([{ id: 'vendor', kind: 'openai', upstream: former }]);
  const service = await place.openService({ recoveryEveryMs: 100 });
  const providers = service.config.providers.map((one) => ({ ...one, baseUrl: first.baseUrl }));
  await service.reload({ ...service.config, providers });
  await Promise.all([former.close(), first.close()]);
  onTestFinished(async () => {
    await service.close();
    place.remove();
  });
  const signal = new AbortController().signal;
  const status = async () => (await service.gateway.providerStatus({}, signal))[0];
  const ask = (prompt: string) => service.gateway.complete(chat(prompt), { signal });

  // Enough to open the breaker of its model too, and at once: after the first the provider rests as a whole.
  await Promise.all(Array.from({ length: 6 }, (_, index) => failure(ask(`prompt ${index}`))));
  expect(await status()).toMatchObject({ status: 'down', breaker: 'open' });

  const second = await startUpstream('openai', { port });
  while ((await status())?.status === 'down') await new Promise((resolve) => setTimeout(resolve, 20));
  expect(second.requests.length).toBeGreaterThan(0);
  expect(new Set(second.requests.map(({ call }) => call?.type))).toEqual(new Set(['models']));
  await expect(ask('at last')).resolves.toMatchObject({ model: `vendor/${MODEL}` });
});
