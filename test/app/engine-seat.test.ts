import { expect, it } from 'vitest';
import type { Engine } from '../../src/app/engine.ts';
import { EngineExchange } from '../../src/app/engine-exchange.ts';
import { EngineSeat } from '../../src/app/engine-seat.ts';

const nothing = () => undefined;
const LOGGER = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** An engine of which only the calls' beginning and its own end are of interest. */
function engine() {
  const { promise: opening, resolve: open } = Promise.withResolvers<void>();
  const said: string[] = [];
  const gateway = {
    stream: async () => {
      await opening;
      said.push('opened');
    },
    drain: async () => void said.push('drained'),
  };
  const made = { gateway, close: async () => void said.push('closed') } as unknown as Engine;
  return { made, said, open };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

it('an engine that is replaced ends when the calls it was given before have begun, and then is closed once', async () => {
  const [former, next] = [engine(), engine()];
  const seat = new EngineSeat(former.made, LOGGER);
  const call = seat.gateway.stream({} as never, {} as never);
  seat.replace(next.made);
  await turn();
  expect([former.said, seat.engines.length]).toEqual([[], 2]);
  former.open();
  await call;
  await turn();
  expect([former.said, seat.engines.length]).toEqual([['opened', 'drained', 'closed'], 1]);
  await seat.close();
  expect([former.said.length, next.said]).toEqual([3, ['drained', 'closed']]);
});

it('an engine that cannot be closed is logged, and keeps the others from nothing', async () => {
  const [former, next] = [engine(), engine()];
  const errors: object[] = [];
  const seat = new EngineSeat(
    { ...former.made, close: () => Promise.reject(new Error('stuck')) },
    {
      ...LOGGER,
      error: (fields: object) => errors.push(fields),
    },
  );
  seat.replace(next.made);
  await seat.close();
  expect(errors).toMatchObject([{ error: { message: 'stuck' } }]);
  expect(next.said).toEqual(['drained', 'closed']);
});

it('an engine that cannot be warmed up is closed, and the one before it stays', async () => {
  const [former, next] = [engine(), engine()];
  const cold = { ...next.made, warmUp: () => Promise.reject(new Error('no catalogue')) };
  const built = [former.made, cold];
  const exchange = new EngineExchange({ config: {}, tokens: [] } as never, {
    build: () => built.shift() ?? cold,
    logger: { ...LOGGER, configure: nothing, isLevelEnabled: () => true },
    levelDefault: 'info',
  });
  await expect(exchange.reload({ config: {}, tokens: ['another'] } as never)).rejects.toThrow('no catalogue');
  expect([exchange.seat.engine === former.made, next.said]).toEqual([true, ['closed']]);
});
