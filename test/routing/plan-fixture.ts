import type { Message } from '../../src/core/message.ts';
import type { ModelInfo } from '../../src/core/model.ts';
import type { ChatRequest } from '../../src/core/request.ts';
import type { RoutePlan } from '../../src/core/route-plan.ts';
import { type PlanInput, planRoute } from '../../src/routing/plan.ts';
import { catalogOf, keyOf, modelOf, providerOf, tableOf } from '../support/catalog.ts';
import { thrownBy } from '../support/thrown-by.ts';

export const NOW_MS = 1_000_000;
export const KEY_A = keyOf('a');
export const KEY_B = keyOf('b', ['opus', 'haiku']);
export const providers = [
  providerOf('local', { kind: 'ollama' }),
  providerOf('cheap', { kind: 'groq' }),
  providerOf('strong', { kind: 'anthropic', keys: [KEY_A, KEY_B] }),
  providerOf('keyless', { status: 'unconfigured', keys: [] }),
  providerOf('off', { status: 'disabled' }),
];
export const models: readonly ModelInfo[] = [
  modelOf('local/tiny', { contextTokens: 4_096, capabilities: [], usd: [0, 0], quality: 0.2, priority: 3 }),
  modelOf('local/seeing', { capabilities: ['vision'], usd: [0, 0], quality: 0.4 }),
  modelOf('cheap/fast', { capabilities: ['tools'], usd: [0.1, 0.4], quality: 0.5, priority: 2 }),
  modelOf('cheap/other', { capabilities: ['tools'], usd: [0.05, 0.2], quality: 0.45, priority: 2 }),
  modelOf('cheap/mystery', { capabilities: ['tools'] }),
  modelOf('strong/opus', {
    capabilities: ['tools', 'vision'],
    contextTokens: 200_000,
    outputTokensMax: 8_000,
    usd: [5, 25],
    quality: 0.95,
    priority: 1,
  }),
  modelOf('strong/haiku', { capabilities: ['tools', 'vision'], contextTokens: 200_000, usd: [1, 5], quality: 0.7 }),
  modelOf('strong/vectors', { capabilities: ['embedding'], usd: [0.02, 0] }),
];
const catalog = catalogOf(models, providers);
export const table = tableOf({
  tiers: {
    trivial: ['local/tiny'],
    simple: ['local/tiny', 'cheap/fast'],
    medium: ['cheap/fast', 'strong/haiku', 'cheap/mystery', 'cheap/other'],
    complex: ['strong/haiku', 'strong/opus'],
    expert: ['strong/opus'],
  },
  tasks: { vision: ['strong/haiku', 'strong/opus'], code: ['strong/opus'] },
  fallback: ['strong/haiku', 'local/seeing'],
  aliases: { best: 'strong/opus' },
});

export const HARD = 'I need expert advice on optimizing database queries for a high-traffic application';
export const MEDIUM = 'Can you explain how photosynthesis works?';
export const picture = (url: string): Message => ({
  role: 'user',
  content: [
    { type: 'text', text: 'What is this?' },
    {
      type: 'image',
      source: url.startsWith('data:') ? { type: 'data', mediaType: 'image/png', base64: url } : { type: 'url', url },
    },
  ],
});

export function plan(request: ChatRequest, input: Partial<PlanInput> = {}): RoutePlan {
  return planRoute({ request, table, catalog, providers, health: [], nowMs: NOW_MS, ...input });
}
export const refs = ({ candidates }: RoutePlan) => candidates.map(({ model }) => model.ref);
export const refusals = ({ rejected }: RoutePlan) =>
  Object.fromEntries(rejected.map(({ model, code }) => [model, code]));
export const errorOf = (...given: Parameters<typeof plan>) => thrownBy(() => plan(...given));
