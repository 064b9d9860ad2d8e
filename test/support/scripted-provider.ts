import type { StreamPart } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { CallContext, Provider, ProviderRequest } from '../../src/core/provider.ts';
import { NO_USAGE, type Usage } from '../../src/core/usage.ts';

/** What a scripted provider does with one call, step by step. */
export type Step =
  | StreamPart
  | { readonly type: 'sent' }
  | { readonly type: 'ping' }
  /** Waits for the gate, or fails with the signal. */
  | { readonly type: 'gate'; readonly gate: Promise<void> }
  /** Never goes on by itself. */
  | { readonly type: 'hang' };

export type ScriptedCall = { readonly request: ProviderRequest; readonly context: CallContext };

export interface ScriptedProvider extends Provider {
  readonly calls: readonly ScriptedCall[];
  /** Signals of calls that were aborted. */
  readonly aborted: () => number;
}

export const USAGE: Usage = { ...NO_USAGE, inputTokens: 10, outputTokens: 5, source: 'reported' };

/** The steps of a normal answer. */
export function answer(text: string, usage: Usage = USAGE): readonly Step[] {
  return [
    { type: 'sent' },
    { type: 'text-delta', text },
    { type: 'usage', usage },
    { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, model: 'scripted' },
  ];
}

/** The steps of a refusal with an error status. */
export function refusal(...args: ConstructorParameters<typeof GatewayError>): readonly Step[] {
  const [code, message, options] = args;
  const error = new GatewayError(code, message, { status: 500, ...options });
  return [{ type: 'sent' }, { type: 'error', error }];
}

/** A provider at the port, without a wire: the script sees the request and the number of the call. */
export function createScriptedProvider(
  id: string,
  script: (request: ProviderRequest, call: number, context: CallContext) => readonly Step[],
): ScriptedProvider {
  const calls: ScriptedCall[] = [];
  let aborted = 0;

  async function* play(request: ProviderRequest, context: CallContext): AsyncGenerator<StreamPart> {
    calls.push({ request, context });
    context.signal.addEventListener('abort', () => {
      aborted += 1;
    });
    for (const step of script(request, calls.length, context)) {
      if (step.type === 'sent') context.onSent?.();
      else if (step.type === 'ping') context.onActivity?.();
      else if (step.type === 'gate') await untilAborted(step.gate, context.signal);
      else if (step.type === 'hang') await untilAborted(new Promise(() => undefined), context.signal);
      else yield step;
    }
  }

  return {
    id,
    kind: 'openai-compatible',
    calls,
    aborted: () => aborted,
    complete() {
      throw new Error('a scripted provider only streams');
    },
    stream: play,
  };
}

function untilAborted(gate: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    gate.then(resolve, reject);
  });
}
