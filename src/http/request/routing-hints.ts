import { GatewayError } from '../../core/errors.ts';
import { checkModelName, checkProviderName } from '../../core/model-name.ts';
import { type NanoUsd, nanoUsdFromUsd } from '../../core/money.ts';
import {
  type CacheMode,
  type RoutingHints,
  STRATEGIES,
  type Strategy,
  TASKS,
  TIERS,
  type Tier,
} from '../../core/request.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';
import type { OpenRequest } from './open-request.ts';

const CACHE_MODES: readonly CacheMode[] = ['use', 'refresh', 'off'];
const PREFIX = 'x-signalbox-';
const HINTS = ['tier', 'task', 'strategy', 'provider', 'cache', 'max-cost-usd'];
const USD_MAX = 1_000_000;

/**
 * What the caller wants of the routing, from the model's name (`auto`, `auto:<strategy>`,
 * `tier:<tier>`, or a model) and the headers. Throws `invalid_request` for what is not understood.
 */
export function readRouting(open: OpenRequest, modelName: string | undefined): RoutingHints {
  const given = readHeaders(open);
  const named = readModelName(modelName);
  const tier = agreeing('tier', named.tier, choice('tier', TIERS, given.tier));
  const task = choice('task', TASKS, given.task);
  const strategy = agreeing('strategy', named.strategy, choice('strategy', STRATEGIES, given.strategy));
  const costMax = readCost(given['max-cost-usd']);
  return {
    ...(named.model !== undefined && { model: named.model }),
    ...(given.provider !== undefined && { provider: checkProviderName(given.provider, `${PREFIX}provider`) }),
    ...(tier && { tier }),
    ...(task && { task }),
    ...(strategy && { strategy }),
    ...(costMax !== undefined && { costMax }),
    cache: choice('cache', CACHE_MODES, given.cache) ?? 'use',
  };
}

type Given = Readonly<Record<string, string | undefined>>;
const NOTHING: Given = {};

function readHeaders({ incoming: { headers } }: OpenRequest): Given {
  let given: Record<string, string> | undefined;
  for (const name in headers) {
    if (!name.startsWith(PREFIX)) continue;
    const hint = name.slice(PREFIX.length);
    if (!HINTS.includes(hint)) throw unknownHint(hint);
    given ??= {};
    given[hint] = String(headers[name]).trim();
  }
  return given ?? NOTHING;
}

function unknownHint(hint: string): GatewayError {
  const near = nearestName(hint, HINTS);
  const known = HINTS.map((name) => PREFIX + name).join(', ');
  return new GatewayError('invalid_request', `There is no header ${PREFIX}${hint.slice(0, 60)}.`, {
    hint:
      near === undefined ? `The headers there are: ${known}.` : `Did you mean ${PREFIX}${near}? There are ${known}.`,
    param: `${PREFIX}${hint.slice(0, 60)}`,
  });
}

type Named = { readonly model?: string; readonly tier?: Tier; readonly strategy?: Strategy };

/** What a request asks for by its model's name. Throws `invalid_request` for one that can name nothing. */
export function readModelName(name: string | undefined): Named {
  // As routing reads it.
  if (name === undefined || name.trim().toLowerCase() === 'auto') return {};
  if (name.startsWith('auto:')) return { strategy: oneOf('model', STRATEGIES, name.slice(5), 'auto:') };
  if (name.startsWith('tier:')) return { tier: oneOf('model', TIERS, name.slice(5), 'tier:') };
  return { model: checkModelName(name) };
}

/** The model's name and a header may say the same, but not two things. */
function agreeing<T extends string>(hint: string, named: T | undefined, header: T | undefined): T | undefined {
  if (named === undefined || header === undefined || named === header) return named ?? header;
  const message = `The model asks for the ${hint} "${named}", the header ${PREFIX}${hint} for "${header}".`;
  throw new GatewayError('invalid_request', message, { hint: 'Leave one of them out.', param: 'model' });
}

function choice<T extends string>(hint: string, choices: readonly T[], text: string | undefined): T | undefined {
  return text === undefined ? undefined : oneOf(`${PREFIX}${hint}`, choices, text);
}

function oneOf<T extends string>(param: string, choices: readonly T[], text: string, prefix = ''): T {
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  const list = choices.map((one) => prefix + one).join(', ');
  const near = nearestName(text, choices);
  throw new GatewayError('invalid_request', `"${param}" has to be one of ${list}.`, {
    param,
    ...(near !== undefined && { hint: `Did you mean "${prefix}${near}"?` }),
  });
}

function readCost(text: string | undefined): NanoUsd | undefined {
  if (text === undefined) return undefined;
  const usd = /^\d{1,7}(\.\d{1,12})?$/.test(text) ? Number(text) : Number.NaN;
  if (usd > 0 && usd <= USD_MAX) return nanoUsdFromUsd(usd);
  throw new GatewayError(
    'invalid_request',
    `"${PREFIX}max-cost-usd" has to be an amount in dollars above 0, such as 0.05.`,
    {
      param: `${PREFIX}max-cost-usd`,
    },
  );
}
