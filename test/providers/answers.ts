import type { FinishReason, StreamPart } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { ToolCallPart } from '../../src/core/message.ts';
import type { CallContext, Provider, ProviderRequest } from '../../src/core/provider.ts';
import { NO_USAGE, type Usage } from '../../src/core/usage.ts';

export const MODES = ['whole', 'streamed'] as const;
export type Mode = (typeof MODES)[number];

/** An answer, the same for a whole and a streamed one. */
export type Answer = {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCallPart[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly model: string;
  readonly providerRequestId: string | undefined;
};

/** Asks in either mode; throws the `GatewayError` a stream ends with. */
export async function ask(
  provider: Provider,
  mode: Mode,
  request: ProviderRequest,
  context: CallContext,
): Promise<Answer> {
  return mode === 'whole' ? askWhole(provider, request, context) : fromParts(await partsOf(provider, request, context));
}

async function askWhole(provider: Provider, request: ProviderRequest, context: CallContext): Promise<Answer> {
  const { content, finishReason, usage, model, providerRequestId } = await provider.complete(request, context);
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    reasoning: content.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    toolCalls: content.filter((part) => part.type === 'tool-call'),
    finishReason,
    usage,
    model,
    providerRequestId,
  };
}

/** All parts of a stream, which must hold exactly one ending, as the last part, and not throw. */
export async function partsOf(
  provider: Provider,
  request: ProviderRequest,
  context: CallContext,
  onPart?: (part: StreamPart) => void,
): Promise<readonly StreamPart[]> {
  if (!provider.stream) throw new Error(`${provider.kind} does not stream`);
  const parts: StreamPart[] = [];
  for await (const part of provider.stream(request, context)) {
    parts.push(part);
    onPart?.(part);
  }
  const endings = parts.filter((part) => part.type === 'finish' || part.type === 'error');
  if (endings.length !== 1 || parts.at(-1) !== endings[0]) {
    throw new Error(`a stream ended wrongly: ${parts.map((part) => part.type).join(', ')}`);
  }
  return parts;
}

function fromParts(parts: readonly StreamPart[]): Answer {
  const end = parts.at(-1);
  if (end?.type === 'error') throw end.error;
  if (end?.type !== 'finish') throw new Error('no ending');
  const toolCalls = parts.flatMap((part): ToolCallPart[] => (part.type === 'tool-call' ? [part] : []));
  return {
    text: parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join(''),
    reasoning: parts.map((part) => (part.type === 'reasoning-delta' ? part.text : '')).join(''),
    toolCalls,
    finishReason: end.finishReason,
    usage: parts.findLast((part) => part.type === 'usage')?.usage ?? NO_USAGE,
    model: end.model,
    providerRequestId: end.providerRequestId,
  };
}

/** The `GatewayError` a call ends with; anything else fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<GatewayError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw new Error(`not a GatewayError: ${error instanceof Error ? error.stack : String(error)}`);
  }
  throw new Error('the call was expected to fail');
}
