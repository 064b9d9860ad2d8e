import { GatewayError } from '../../core/errors.ts';
import type { CallContext, EmbedInput, EmbedOutput, Provider } from '../../core/provider.ts';
import { type Exchange, type ExchangeSetup, runExchange } from './exchange.ts';
import { embeddingValuesMax } from './translation/whole-embeddings.ts';

/** Makes vectors with one request, whose answer may hold as many numbers as they have. */
export function embeds(
  setup: ExchangeSetup,
  ask: (input: EmbedInput, exchange: Exchange, context: CallContext) => Promise<EmbedOutput>,
): NonNullable<Provider['embed']> {
  return (input, context) => {
    const call = { context, model: input.model, jsonValuesMax: embeddingValuesMax(input) };
    return runExchange(setup, call, (exchange) => ask(input, exchange, context));
  };
}

/** The input of a vendor that takes texts only. */
export function textsOf({ input }: EmbedInput): string[] {
  return input.map((item) => {
    if (typeof item === 'string') return item;
    throw new GatewayError('capability_missing', 'it takes texts, not token ids.', { param: 'input' });
  });
}
