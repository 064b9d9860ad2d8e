import { GatewayError } from '../../core/errors.ts';
import { STRATEGIES, TIERS } from '../../core/request.ts';
import { suggestModels } from '../../core/suggest-models.ts';
import type { Gateway, ModelListing } from '../../gateway/gateway.ts';
import type { HttpServices, Route } from '../http-types.ts';
import { jsonReply } from '../reply/json-reply.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { toAnthropicModel, toAnthropicModelPage } from './anthropic-models.ts';

/** Every name that goes as `model`: the router's own, and the models that can be asked now. */
export type OfferedModel = { readonly id: string; readonly listing?: ModelListing };

/** `GET /v1/models`: OpenAI's list, and Anthropic's for a client that says it is one. */
export const MODELS_ROUTE: Route = {
  method: 'GET',
  path: '/v1/models',
  dialect: 'openai',
  access: 'token',
  async handle(open, { gateway }) {
    const models = (await offeredModels(gateway)).filter(({ listing }) => listing?.available !== false);
    if (speaksAnthropic(open)) {
      return jsonReply(toAnthropicModelPage(models, open.query));
    }
    return jsonReply({ object: 'list', data: models.map(toOpenAiModel) });
  },
};

/** One of them; the id may hold slashes, escaped or not. */
export const MODEL_ROUTE: Route = {
  method: 'GET',
  path: '/v1/models/:id{.+}',
  dialect: 'openai',
  access: 'token',
  async handle(open, services) {
    const model = await findModel(open.params.id ?? '', services);
    return jsonReply(speaksAnthropic(open) ? toAnthropicModel(model) : toOpenAiModel(model));
  },
};

/** Anthropic's clients ask at the same address, and were known at the door. */
function speaksAnthropic({ dialect }: OpenRequest): boolean {
  return dialect === 'anthropic';
}

async function findModel(id: string, { gateway }: HttpServices): Promise<OfferedModel> {
  const models = await offeredModels(gateway);
  const found = models.find((model) => model.id === id);
  if (found) return found;
  const near = suggestModels(
    id,
    models.map((model) => model.id),
  );
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'GET /v1/models lists them all.';
  throw new GatewayError('unknown_model', `There is no model ${JSON.stringify(id.slice(0, 80))}.`, {
    hint,
    param: 'model',
  });
}

async function offeredModels(gateway: Gateway): Promise<readonly OfferedModel[]> {
  const listings = await gateway.listModels({});
  return [
    { id: 'auto' },
    ...STRATEGIES.map((strategy) => ({ id: `auto:${strategy}` })),
    ...TIERS.map((tier) => ({ id: `tier:${tier}` })),
    ...listings.map((listing) => ({ id: listing.model.ref, listing })),
  ];
}

/** When a model was made is not known here, and OpenAI's clients want a number. */
const CREATED_UNKNOWN = 0;

function toOpenAiModel({ id, listing }: OfferedModel) {
  return { id, object: 'model', created: CREATED_UNKNOWN, owned_by: listing?.model.provider ?? 'signalbox' };
}
