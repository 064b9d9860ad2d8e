import { afterEach, expect } from 'vitest';
import { chat, type HarnessOptions, model, openGateway } from '../../support/gateway.ts';
import { answer, createScriptedProvider, type Step } from '../../support/scripted-provider.ts';

type Harness = Awaited<ReturnType<typeof openGateway>>;
const opened: Harness[] = [];
afterEach(async () => {
  // The last first: a folder that two share goes with the one that made it.
  for (const harness of opened.splice(0).reverse()) {
    await harness.close();
    // Whatever happened, nobody waits and no place is taken.
    expect(harness.waiting.line.length).toBe(0);
    expect(harness.waiting.slots.loads().every(({ inFlight }) => inFlight === 0)).toBe(true);
  }
});

/** One provider whose answers come when they are let go, oldest first. */
export function held(id = 'one') {
  const gates: (() => void)[] = [];
  let inFlight = 0;
  let inFlightMax = 0;
  const provider = createScriptedProvider(id, (): readonly Step[] => {
    inFlight += 1;
    inFlightMax = Math.max(inFlightMax, inFlight);
    const gate = new Promise<void>((resolve) =>
      gates.push(() => {
        inFlight -= 1;
        resolve();
      }),
    );
    return [{ type: 'sent' }, { type: 'gate', gate }, ...answer(`from ${id}`).slice(1)];
  });
  return {
    provider,
    inFlightMax: () => inFlightMax,
    calls: () => provider.calls.length,
    letGo: () => gates.shift()?.(),
    letAllGo: async (done: Promise<unknown>) => {
      let isOver = false;
      const over = done.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        gates.shift()?.();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await over;
    },
  };
}

export async function open(options: Partial<HarnessOptions> & Pick<HarnessOptions, 'providers'>) {
  const models = options.providers.map(({ id }) => model(`${id}/m`));
  const harness = await openGateway({ models, ...options });
  opened.push(harness);
  const ask = (prompt: string, tenant = 'local', signal = new AbortController().signal) =>
    harness.gateway.complete(chat(prompt, { cache: 'off' }, { caller: { tenant, client: 'test' } }), { signal });
  return { ...harness, ask };
}

export const ONE_PLACE = { limitMax: 1, limitMin: 1 };
