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
