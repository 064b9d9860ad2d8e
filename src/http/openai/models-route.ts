import type { ModelInfo } from '../../core/model.ts';
import { STRATEGIES, TIERS } from '../../core/request.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { HttpServices, Route } from '../http-types.ts';
import { withFieldName } from '../reply/field-names.ts';
import { jsonReply } from '../reply/json-reply.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readModelName } from '../request/routing-hints.ts';
import { toAnthropicModel, toAnthropicModelPage } from './anthropic-models.ts';

/** Every name that goes as `model`: the router's own, and the models that can be asked now, under their aliases too. */
export type OfferedModel = { readonly id: string; readonly model?: ModelInfo };

/** `GET /v1/models`: OpenAI's list, and Anthropic's for a client that says it is one. */
export const MODELS_ROUTE: Route = {
  method: 'GET',
  path: '/v1/models',
  dialect: 'openai',
  access: 'token',
  async handle(open, { gateway }) {
    const models = await offeredModels(gateway);
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

/** Every name that a request may give, not only those of the list; an alias or a bare name tells which model it stands for. */
async function findModel(id: string, { gateway }: HttpServices): Promise<OfferedModel> {
  if (readModelName(id).model === undefined) return { id };
  try {
    const model = await gateway.findModel(id);
    return { id: model.ref, model };
  } catch (error) {
    throw withFieldName(error);
  }
}

async function offeredModels(gateway: Gateway): Promise<readonly OfferedModel[]> {
  const listings = await gateway.listModels({});
  const known = listings.filter(({ available }) => available);
  const aliases = known.flatMap(({ model, aliases }) => aliases.map((id) => ({ id, model })));
  return [...ROUTER_NAMES.map((id) => ({ id })), ...aliases, ...known.map(({ model }) => ({ id: model.ref, model }))];
}

const ROUTER_NAMES: readonly string[] = [
  'auto',
  ...STRATEGIES.map((strategy) => `auto:${strategy}`),
  ...TIERS.map((tier) => `tier:${tier}`),
];

/** When a model was made is not known here, and OpenAI's clients want a number. */
const CREATED_UNKNOWN = 0;

function toOpenAiModel({ id, model }: OfferedModel) {
  return { id, object: 'model', created: CREATED_UNKNOWN, owned_by: model?.provider ?? 'signalbox' };
}
