import { GatewayError } from '../../core/errors.ts';
import type { Provider } from '../../core/provider.ts';
import { type ExchangeSetup, runExchange } from './exchange.ts';
import type { RequestForm } from './request-form.ts';
import { arrayIn, textIn, toArray } from './translation/wire-value.ts';

/** Asks for the vendor's models with one request, `GET /models`. */
export function listsModels(form: RequestForm, setup: ExchangeSetup): NonNullable<Provider['listModels']> {
  return (context) =>
    runExchange(setup, { context }, async (exchange) => {
      const response = await exchange.send(form);
      return fromModelList(await response.json());
    });
}

/** The names in the answer, which vendors of this form have under `data`, but Together, whose list is all of it: docs.together.ai. */
export function fromModelList(body: unknown): readonly string[] {
  const data = arrayIn(body, 'data') ?? toArray(body);
  if (!data) throw new GatewayError('malformed_response', 'its model list has no "data".');
  return data.flatMap((model) => textIn(model, 'id') || []);
}
