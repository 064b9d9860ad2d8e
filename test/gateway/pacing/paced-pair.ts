import type { RoutingTable } from '../../../src/core/route-plan.ts';
import { type HarnessOptions, model, openGateway } from '../../support/gateway.ts';
import { answer, createScriptedProvider, type ScriptedProvider, type Step } from '../../support/scripted-provider.ts';

/** Below `complex` the cheap model answers, from there on the strong one. */
const TIERS_OF_TWO: RoutingTable['tiers'] = {
  trivial: ['cheap/small'],
  simple: ['cheap/small'],
  medium: ['cheap/small'],
  complex: ['strong/large'],
  expert: ['strong/large'],
};

export const MODELS = [
  model('cheap/small', { capabilities: ['tools'] }),
  model('strong/large', { capabilities: ['tools'] }),
];

type Options = Partial<Omit<HarnessOptions, 'table'>> & {
  readonly table?: Partial<RoutingTable>;
  /** A share of 30 % unless the table says otherwise; false for none. */
  readonly hasTarget?: boolean;
  readonly cheap?: (call: number) => readonly Step[];
  readonly strong?: (call: number) => readonly Step[];
};

/** A gateway with a cheap and a strong model under a target; closed by whoever opened it. */
export async function openPaced({ table, hasTarget = true, cheap, strong, ...more }: Options = {}) {
  const small = createScriptedProvider('cheap', (_request, call) => cheap?.(call) ?? answer('from the small one'));
  const large = createScriptedProvider('strong', (_request, call) => strong?.(call) ?? answer('from the large one'));
  const harness = await openGateway({
    providers: [small, large],
    models: MODELS,
    ...more,
    table: { tiers: TIERS_OF_TWO, ...(hasTarget && { costTarget: { type: 'share', shareMax: 0.3 } }), ...table },
  });
  return { ...harness, small, large, strongShare: () => shareOf(large, small) };
}

function shareOf(large: ScriptedProvider, small: ScriptedProvider): number {
  return large.calls.length / (large.calls.length + small.calls.length);
}

const ASKS = [
  'What is the capital of {}?',
  'Translate "{}" into French.',
  'Write a haiku about {}.',
  'Explain how {} works, with an example.',
  'Compare {} with its two nearest alternatives in a table.',
  'Design a distributed system that schedules {} with exactly-once guarantees, and prove that it never deadlocks.',
  'Refactor the module for {}: find the race condition, mend it and write tests for every branch.',
  'Derive the time complexity of {} and prove the lower bound.',
] as const;
const THINGS = [
  'rivers',
  'sorting',
  'banks',
  'bees',
  'compilers',
  'taxes',
  'tides',
  'queues',
  'glass',
  'maps',
] as const;

/** The prompt of that number: easy and hard ones in turn, each different from those before it. */
export function promptOf(number: number): string {
  const thing = THINGS[number % THINGS.length] as string;
  const ask = ASKS[Math.floor(number * 0.618 * ASKS.length) % ASKS.length] as string;
  return `${ask.replace('{}', thing)} (${number})`;
}

export const PROVEN_HARD = ASKS[5].replace('{}', 'jobs');
export const PLAINLY_EASY = ASKS[0].replace('{}', 'Norway');
