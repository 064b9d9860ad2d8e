import { afterEach } from 'vitest';
import { type HarnessOptions, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider, type Step } from '../support/scripted-provider.ts';

/** The gateway of the running test, closed after it. */
export let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

export async function gatewayOf(options: HarnessOptions) {
  open = await openGateway(options);
  return open;
}

/** One provider, `only`, that answers as scripted, with one model. */
export async function single(
  script: (call: number) => readonly Step[] = () => answer('ok'),
  more: Partial<HarnessOptions> = {},
) {
  const provider = createScriptedProvider('only', (_request, call) => script(call));
  const harness = await gatewayOf({ providers: [provider], models: [model('only/m')], ...more });
  return { ...harness, provider };
}

/** Two providers, `first` as scripted and `second` answering; each with one model. */
export async function pair(script: (call: number) => readonly Step[], more: Partial<HarnessOptions> = {}) {
  const first = createScriptedProvider('first', (_request, call) => script(call));
  const second = createScriptedProvider('second', () => answer('from second'));
  const harness = await gatewayOf({
    providers: [first, second],
    models: [model('first/a'), model('second/b')],
    ...more,
  });
  return { ...harness, first, second };
}

/** Holds an answer back until it is released. */
export function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, release: () => resolve() };
}
