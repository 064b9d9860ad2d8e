import type { Completion, StreamPart } from '../../src/core/completion.ts';
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
  /** Parts that were asked for, over all calls. */
  readonly pulled: () => number;
  /** Calls that were asked for whole. */
  readonly wholeCalls: () => number;
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
  let pulled = 0;
  let wholeCalls = 0;

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
      else {
        pulled += 1;
        yield step;
      }
    }
  }

  /** The same answer as one piece; text and tool calls only. */
  async function complete(request: ProviderRequest, context: CallContext): Promise<Completion> {
    wholeCalls += 1;
    const content: Completion['content'][number][] = [];
    let usage = NO_USAGE;
    for await (const part of play(request, context)) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta') content.push({ type: 'text', text: part.text });
      if (part.type === 'tool-call') content.push(part);
      if (part.type === 'usage') usage = part.usage;
      if (part.type === 'finish') {
        const { type: _type, ...end } = part;
        const more = Array.from({ length: (request.choices ?? 1) - 1 }, () => ({
          content,
          finishReason: end.finishReason,
        }));
        return { content, usage, ...end, ...(more.length > 0 && { alternatives: more }) };
      }
    }
    throw new GatewayError('stream_truncated', 'cut');
  }

  return {
    id,
    kind: 'openai-compatible',
    calls,
    aborted: () => aborted,
    pulled: () => pulled,
    wholeCalls: () => wholeCalls,
    complete,
    stream: play,
  };
}

function untilAborted(gate: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    gate.then(resolve, reject);
  });
}
