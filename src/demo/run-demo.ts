import type { Tier } from '../core/request.ts';
import { checkDemo } from './check-demo.ts';
import { type DemoLaunch, type DemoSession, openDemoSession } from './demo-session.ts';
import { type DemoVendors, startDemoVendors, type VendorBooks } from './demo-vendors.ts';
import { type DemoQuestion, FAILING_PROVIDER, QUESTIONS, REPEATED } from './scenario.ts';

/** What `complete` reports, as far as the demo shows it. */
export type DemoAnswer = {
  readonly text: string;
  readonly model: string;
  readonly tier?: string;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
  readonly cost_usd: number | null;
  readonly latency_ms: number;
  readonly cached: boolean;
  readonly route: { readonly reason: string };
  readonly attempts?: readonly DemoAttempt[];
};

export type DemoAttempt = {
  readonly model: string;
  readonly status: string;
  readonly error?: string;
  readonly latency_ms: number;
};

export type DemoCosts = {
  readonly requests: number;
  readonly attempts: number;
  readonly failed_attempts: number;
  readonly cache_hits: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly saved_by_cache_usd: number;
  readonly unpriced_requests: number;
};

/** What `route_preview` says of a question before it is asked. */
type DemoPreview = {
  readonly candidates: readonly { readonly model: string }[];
};

export type DemoRow = {
  readonly prompt: string;
  readonly expectedTier: Tier;
  readonly previewedModel: string | undefined;
  readonly answer: DemoAnswer;
};

export type DemoReport = {
  readonly answers: readonly DemoRow[];
  /** The same question as one before, from the cache. */
  readonly repeat: DemoRow;
  /** And once more, asked anew while its provider is down. */
  readonly replaced: DemoRow;
  readonly failingProvider: string;
  readonly costs: { readonly totals: DemoCosts; readonly groups: readonly (DemoCosts & { readonly key: string })[] };
  /** What the simulated vendors themselves counted. */
  readonly vendorBooks: VendorBooks;
};

export type DemoOptions = {
  readonly launch: DemoLaunch;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
};

/**
 * The whole job without a key and without a network: simulated vendors, the real server, a real
 * MCP client. The problems are what was not as it must be; none on a machine where all is well.
 */
export async function runDemo(
  options: DemoOptions,
): Promise<{ readonly report: DemoReport; readonly problems: readonly string[] }> {
  options.onStep('starting simulated providers and the server');
  const vendors = await startDemoVendors();
  try {
    const session = await openDemoSession({ ...options, vendors });
    try {
      const report = await play(session, vendors, options.onStep);
      return { report, problems: checkDemo(report) };
    } finally {
      await session.close();
    }
  } finally {
    await vendors.close();
  }
}

async function play(session: DemoSession, vendors: DemoVendors, onStep: DemoOptions['onStep']): Promise<DemoReport> {
  const answers: DemoRow[] = [];
  for (const question of QUESTIONS) {
    onStep(`asking the ${question.tier} question`);
    answers.push(await ask(session, question));
  }
  onStep('asking one of them again');
  const repeat = await ask(session, REPEATED);
  vendors.takeDown(FAILING_PROVIDER);
  onStep(`asking while ${FAILING_PROVIDER} is down`);
  const replaced = await ask(session, REPEATED, { cache: 'refresh' });
  onStep('reading the books');
  // The server's own schema says what it returns, and the client has checked that.
  const costs = (await session.call('cost_report', { period: 'all', group_by: 'model' })) as DemoReport['costs'];
  return { answers, repeat, replaced, failingProvider: FAILING_PROVIDER, costs, vendorBooks: vendors.books() };
}

async function ask(
  session: DemoSession,
  { prompt, tier }: DemoQuestion,
  more: { readonly cache?: string } = {},
): Promise<DemoRow> {
  const { candidates } = (await session.call('route_preview', { prompt, ...more })) as DemoPreview;
  const answer = (await session.call('complete', { prompt, ...more })) as DemoAnswer;
  return { prompt, expectedTier: tier, previewedModel: candidates[0]?.model, answer };
}
