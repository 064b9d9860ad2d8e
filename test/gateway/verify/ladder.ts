import { afterEach } from 'vitest';
import type { Price } from '../../../src/core/model.ts';
import { priceFromUsdPerMTok } from '../../../src/core/money.ts';
import type { AnswerOutcome } from '../../../src/core/ports.ts';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import type { RoutingTable } from '../../../src/core/route-plan.ts';
import type { VerifySettings } from '../../../src/core/verification.ts';
import { type HarnessOptions, model, openGateway } from '../../support/gateway.ts';
import { answer, createScriptedProvider, type Step, USAGE } from '../../support/scripted-provider.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const VERIFY: VerifySettings = {
  tasks: 'all',
  tiers: ['trivial', 'simple', 'medium', 'complex', 'expert'],
  peer: false,
};

/** An answer that its token limit cut: doubted, whatever it says. */
export const cut = (text: string): readonly Step[] => [
  { type: 'sent' },
  { type: 'text-delta', text },
  { type: 'usage', usage: USAGE },
  { type: 'finish', finishReason: { unified: 'length', raw: 'length' }, model: 'scripted' },
];

export const HANG: readonly Step[] = [{ type: 'sent' }, { type: 'hang' }];

export type Script = (call: number, request: ProviderRequest) => readonly Step[];
export type Ladder = {
  readonly cheap?: Script;
  readonly peer?: Script;
  readonly strong?: Script;
  readonly spare?: Script;
  readonly verify?: Partial<VerifySettings>;
  readonly table?: Partial<RoutingTable>;
  readonly more?: Partial<HarnessOptions>;
};

/**
 * Whatever the tier complexity chooses, `cheap/a` is asked first, `cheap` and `second` share its tier, and only
 * tier expert has more: `strong/c`, then `spare/d`. `strong` costs ten times as much.
 */
export async function openLadder({ cheap, peer, strong, spare, verify, table, more }: Ladder) {
  const provider = (id: string, script: Script | undefined) =>
    createScriptedProvider(id, (request, call) => (script ? script(call, request) : answer(`from ${id}`)));
  const providers = {
    cheap: provider('cheap', cheap),
    second: provider('second', peer),
    strong: provider('strong', strong),
    spare: provider('spare', spare),
  };
  const outcomes: AnswerOutcome[] = [];
  const low = ['cheap/a', 'second/b'] as const;
  open = await openGateway({
    providers: Object.values(providers),
    models: [model('cheap/a'), model('second/b'), model('strong/c', { price: tenfold() }), model('spare/d')],
    table: {
      tiers: { trivial: low, simple: low, medium: low, complex: low, expert: ['strong/c', 'spare/d'] },
      verify: { ...VERIFY, ...verify },
      ...table,
    },
    outcomes: { answerJudged: (outcome) => outcomes.push(outcome) },
    ...more,
  });
  return { ...open, ...providers, outcomes };
}

function tenfold(): Price {
  const price = { fromInputTokens: 0, inputPerMTok: priceFromUsdPerMTok(10), outputPerMTok: priceFromUsdPerMTok(20) };
  return { tiers: [price], version: 'test' };
}
