import fc from 'fast-check';
import { GatewayError } from '../../src/core/errors.ts';
import type { HealthSnapshot } from '../../src/core/health.ts';
import type { Message } from '../../src/core/message.ts';
import { CAPABILITIES, type ModelInfo, type ModelRef, modelRef, PROVIDER_KINDS } from '../../src/core/model.ts';
import { nanoUsd } from '../../src/core/money.ts';
import { keyHealthId, type ProviderSettings } from '../../src/core/provider.ts';
import { type ChatRequest, STRATEGIES, TASKS, TIERS } from '../../src/core/request.ts';
import type { RoutePlan, RoutingTable } from '../../src/core/route-plan.ts';
import { type PlanInput, planRoute } from '../../src/routing/plan.ts';
import { catalogOf, keyOf, modelOf, tableOf } from '../support/catalog.ts';

const PROVIDER_IDS = ['alpha', 'beta', 'gamma', 'absent'] as const;
const NAMES = ['small', 'middle', 'large', 'org/nested', 'vectors'] as const;
const REFS: readonly ModelRef[] = PROVIDER_IDS.flatMap((id) => NAMES.map((name) => modelRef(id, name)));
export const NOW_MS = 5_000_000;
/** Mostly there. */
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 4 });
/** Mostly absent, so that enough models pass for their order to matter. */
const seldom = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const providerArbitrary = (id: string): fc.Arbitrary<ProviderSettings> =>
  fc.record({
    id: fc.constant(id),
    kind: fc.constantFrom(...PROVIDER_KINDS),
    status: fc.constantFrom(...Array(8).fill('configured' as const), 'unconfigured', 'disabled'),
    keys: fc
      .array(seldom(fc.subarray([...NAMES])), { minLength: 1, maxLength: 3 })
      .map((lists) => lists.map((models, index) => keyOf(`key${index}`, models))),
  });

const providersArbitrary = fc.tuple(...PROVIDER_IDS.slice(0, 3).map(providerArbitrary));

const modelArbitrary = (ref: ModelRef): fc.Arbitrary<ModelInfo> =>
  fc
    .record({
      contextTokens: fc.constantFrom(600, 4_096, 128_000, 128_000),
      outputTokensMax: optional(fc.constantFrom(100, 4_096)),
      capabilities: fc
        .oneof(fc.subarray([...CAPABILITIES]), fc.constant([...CAPABILITIES]))
        .map((all) => all.filter((one) => one !== 'embedding' || ref.endsWith('vectors'))),
      usd: optional(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 60 }))),
      quality: optional(fc.constantFrom(0.2, 0.5, 0.9)),
      priority: optional(fc.integer({ min: 1, max: 3 })),
    })
    .map((options) =>
      modelOf(ref, Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))),
    );

const modelsArbitrary = fc
  .subarray(
    REFS.filter((ref) => !ref.startsWith('absent')),
    { minLength: 8 },
  )
  .chain((refs) => fc.tuple(...refs.map(modelArbitrary)));

const listArbitrary = fc.array(fc.constantFrom(...REFS), { maxLength: 6 });
const tableArbitrary: fc.Arbitrary<RoutingTable> = fc
  .record({
    strategy: fc.constantFrom(...STRATEGIES),
    tiers: fc.tuple(...TIERS.map(() => listArbitrary)),
    tasks: fc.dictionary(fc.constantFrom(...TASKS), listArbitrary),
    fallback: listArbitrary,
  })
  .map(({ tiers: [trivial, simple, medium, complex, expert], ...rest }) =>
    tableOf({
      ...rest,
      tiers: {
        trivial: trivial ?? [],
        simple: simple ?? [],
        medium: medium ?? [],
        complex: complex ?? [],
        expert: expert ?? [],
      },
    }),
  );

const healthArbitrary: fc.Arbitrary<HealthSnapshot> = fc.array(
  fc.record({
    target: fc.record({
      provider: fc.constantFrom(...PROVIDER_IDS),
      key: fc.constantFrom('*', ...[0, 1, 2].map((index) => keyHealthId(keyOf(`key${index}`)))),
      model: fc.constantFrom('*', ...NAMES),
    }),
    breaker: fc.constantFrom(
      { state: 'closed' } as const,
      { state: 'open', openedAtMs: NOW_MS - 1_000, cooldownMs: 5_000 } as const,
      { state: 'open', openedAtMs: NOW_MS - 9_000, cooldownMs: 5_000 } as const,
      { state: 'half-open', probeUntilMs: NOW_MS + 700, cooldownMs: 5_000 } as const,
    ),
    consecutiveFailures: fc.nat(9),
  }),
  { maxLength: 3 },
);

const image = (url: boolean): Message => ({
  role: 'user',
  content: [
    {
      type: 'image',
      source: url
        ? { type: 'url', url: 'https://example.org/a.png' }
        : { type: 'data', mediaType: 'image/png', base64: 'AA' },
    },
  ],
});

const requestArbitrary: fc.Arbitrary<ChatRequest> = fc
  .record({
    text: fc.oneof(
      fc.constantFrom(
        'Hi',
        'What are your hours?',
        'Design a fault-tolerant distributed database and prove it correct',
      ),
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc.constantFrom(10, 400, 4_000, 8_000).map((count) => 'word '.repeat(count)),
    ),
    images: fc.constantFrom([], [], [], [image(true)], [image(false)]),
    tools: fc.constantFrom(undefined, undefined, [], [{ name: 'look', inputSchema: { type: 'object' } }]),
    maxOutputTokens: seldom(fc.integer({ min: 1, max: 5_000 })),
    tier: seldom(fc.constantFrom(...TIERS)),
    task: seldom(fc.constantFrom(...TASKS)),
    strategy: optional(fc.constantFrom(...STRATEGIES)),
    costMax: seldom(fc.integer({ min: 0, max: 200_000_000 }).map(nanoUsd)),
    model: seldom(fc.constantFrom('auto', ...REFS, ...NAMES)),
    provider: seldom(fc.constantFrom(...PROVIDER_IDS)),
    fallback: seldom(fc.boolean()),
  })
  .map(({ text, images, tools, maxOutputTokens, ...hints }) => ({
    messages: [{ role: 'user', content: [{ type: 'text', text }] }, ...images],
    ...(tools && { tools }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    routing: { cache: 'use', ...Object.fromEntries(Object.entries(hints).filter(([, value]) => value !== undefined)) },
    caller: { tenant: 'local', client: 'test' },
  }));

/** Any request over any table, catalogue, providers and health, small enough to collide often. */
export const inputArbitrary: fc.Arbitrary<PlanInput> = fc
  .record({
    request: requestArbitrary,
    table: tableArbitrary,
    providers: providersArbitrary,
    models: modelsArbitrary,
    health: healthArbitrary,
  })
  .map(({ models, ...rest }) => ({ ...rest, catalog: catalogOf(models, rest.providers), nowMs: NOW_MS }));

/** The plan; undefined when the request names something nobody knows. */
export function planOf(input: PlanInput): RoutePlan | undefined {
  try {
    return planRoute(input);
  } catch (error) {
    if (error instanceof GatewayError && ['unknown_model', 'unknown_provider'].includes(error.code)) return undefined;
    throw error;
  }
}
