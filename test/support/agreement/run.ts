import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { TIERS } from '../../../src/core/request.ts';
import type { CostReportOutput } from '../../../src/mcp/rendering/cost-report.ts';
import { sendModern } from '../../http/mcp/wire.ts';
import { compareCalls } from '../reconcile/compare-calls.ts';
import { compareCounters } from '../reconcile/compare-counters.ts';
import { compareReports } from '../reconcile/compare-reports.ts';
import { compareRows } from '../reconcile/compare-rows.ts';
import type { Evidence, Finding } from '../reconcile/evidence.ts';
import { ATTEMPTS_MAX, knownPrices, LIMIT_OF_ALL, openPlace, type Place } from '../reconcile/place.ts';
import { readSignalboxBooks } from '../reconcile/signalbox-books.ts';
import { readVendorBooks } from '../reconcile/vendor-books.ts';
import { type Figures, scrape, sumOf } from '../scrape.ts';
import { pick, seededRandom } from '../seeded-random.ts';
import { type Served, startServe, TOKEN } from '../serve.ts';
import { until } from '../until.ts';
import { type Heard, hear, planServedCalls, type ServedCall, UNREACHABLE } from './calls.ts';
import { compareListings, toReportedSums } from './compare-listings.ts';
import { compareHeard, compareLogs, readLog } from './compare-log.ts';
import { compareMetrics } from './compare-metrics.ts';
import { type RequestRow, readRows } from './rows.ts';

type AgreementResult = {
  readonly findings: readonly Finding[];
  /** How often callers were told what, so that a run that proves nothing is seen. */
  readonly outcomes: Readonly<Record<string, number>>;
};

const CALLERS = 12;
const TENANTS = ['north', 'south', 'east'] as const;
const tokenOf = (tenant: string) => `${TOKEN}-${tenant}`;

/**
 * Two real services on one data folder, callers of every API, vendors that go wrong by the seed; then all that
 * Signalbox says of it against its books, and its books against those of the vendors.
 */
export async function runAgreement(seed: number, calls: number): Promise<AgreementResult> {
  const place = await openPlace(seed);
  onTestFinished(() => place.close());
  const options = { upstreams: [], config: configOf(place), args: ['--data-dir', place.dataDir] };
  const services = await Promise.all([startServe(options), startServe(options)]);
  const planned = planServedCalls(seed, calls);
  const heard = await callAll(services, planned, seededRandom(seed + 1));
  await settled(place, services);
  const figures = await scrapeAll(services);
  const reports = await tenantReports(services[0]);
  const logs = await Promise.all(services.map(async (service) => readLog(await stopped(service))));
  const rows = readRows(place.dataDir);
  const findings = [
    ...compareCalls(evidenceOf(place, planned, heard)),
    ...compareRows(evidenceOf(place, planned, bookable(heard, rows))),
    ...compareCounters(place.dataDir, { drained: true, everyAttemptClaims: LIMIT_OF_ALL }),
    ...compareLogs(rows, logs),
    ...compareHeard(heard, rows, logs),
    ...figures.flatMap((one, index) => compareMetrics(`metrics of process ${index}`, one, rows, logs[index])),
    ...compareReports(place.dataDir, reports),
    ...(await compareListings(place, rows)),
  ];
  return { findings, outcomes: countBy(heard.map(({ outcome }) => outcome)) };
}

/**
 * Whoever was turned away has an id that is in no books, as is seen elsewhere; whoever shared a call that failed is told
 * of its attempts, which are booked with the one that began it.
 */
function bookable(heard: readonly Heard[], rows: readonly RequestRow[]): readonly Heard[] {
  const booked = new Map(rows.map((row) => [row.id, row]));
  return heard.flatMap((told) => {
    const { requestId = '', attempts: count, ...rest } = told;
    const row = booked.get(requestId);
    if (!row) return [];
    const began = rows.find(({ client, attempts }) => client === told.tag && attempts.length === count);
    const isShared = row.status === 'failed' && row.attempts.length === 0 && began !== undefined;
    return [isShared ? { ...rest, requestId } : told];
  });
}

/** Of the place, with tokens, and a provider that nobody can connect to before all others. */
function configOf({ config }: Place): Readonly<Record<string, object>> {
  const { providers, models, routing } = config;
  const [provider = ''] = UNREACHABLE.split('/');
  const price = { inputPerMTok: 1, outputPerMTok: 1 };
  const more = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'simulated-gone' };
  return {
    ...config,
    providers: { ...providers, [provider]: more },
    models: { ...models, [UNREACHABLE]: { price, contextTokens: 32_768 } },
    routing: { tiers: Object.fromEntries(TIERS.map((tier) => [tier, [UNREACHABLE, ...(routing.tiers[tier] ?? [])]])) },
    server: {
      tokens: TENANTS.map((name, index) => ({
        name,
        value: tokenOf(name),
        team: `team-${index % 2}`,
        user: `user-${index}`,
      })),
    },
    log: { level: 'debug' },
  };
}

/** As many at once as do not make a crowd, of which most would be turned away. */
async function callAll(services: readonly [Served, ...Served[]], calls: readonly ServedCall[], random: () => number) {
  const heard: Heard[] = [];
  const waiting = [...calls];
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let call = waiting.shift(); call; call = waiting.shift()) {
      heard.push(await hear({ url: pick(random, services).url, token: tokenOf(call.tenant) }, call));
    }
  });
  await Promise.all(callers);
  return heard;
}

function scrapeAll(services: readonly Served[]): Promise<readonly Figures[]> {
  return Promise.all(services.map(({ url }) => scrape({ url, token: tokenOf('north') })));
}

/** Whoever left is told nothing more: what they began ends after them. */
async function settled({ dataDir }: Place, services: readonly Served[]): Promise<void> {
  const isQuiet = async () => {
    const figures = await scrapeAll(services);
    // The scrape itself is one.
    if (figures.some((one) => sumOf(one, 'signalbox_requests_in_flight') !== 1)) return false;
    const rows = readRows(dataDir);
    return rows.every(
      ({ status, attempts }) => status !== null && attempts.every((attempt) => attempt.status !== 'pending'),
    );
  };
  // Seen twice: a request may have come in and not have begun.
  await until(async () => (await isQuiet()) && (await delay(100, true)) && (await isQuiet()), 30_000);
}

/** All that it said, to its end. */
async function stopped(service: Served): Promise<string> {
  const { stderr } = service.child;
  const saidAll = stderr && once(stderr, 'close');
  const code = await service.stop();
  await saidAll;
  if (code !== 0) throw new Error(`a service ended with ${code}: ${service.stderr().slice(-2_000)}`);
  return service.stderr();
}

const GROUPS = ['provider', 'model', 'key', 'tier', 'day'];

/** What each tenant sees of its own, put together. */
async function tenantReports({ url }: Served) {
  return Promise.all(
    GROUPS.map(async (group) => {
      const ofTenants = await Promise.all(TENANTS.map((tenant) => costReport(url, tenant, group)));
      return toReportedSums(group, ofTenants);
    }),
  );
}

async function costReport(url: string, tenant: string, group: string): Promise<CostReportOutput> {
  const params = { name: 'cost_report', arguments: { period: 'all', group_by: group } };
  const sent = await sendModern(`${url}/mcp`, { id: 1, method: 'tools/call', params }, { token: tokenOf(tenant) });
  return sent.messages.at(-1)?.result.structuredContent;
}

function evidenceOf({ dataDir, vendors }: Place, calls: readonly ServedCall[], told: readonly Heard[]): Evidence {
  const left = calls.filter(({ leave, deadlineMs }) => (leave ?? deadlineMs) !== undefined);
  return {
    vendors: readVendorBooks(vendors),
    books: readSignalboxBooks(dataDir),
    told,
    cancelled: new Set(left.map(({ tag }) => tag)),
    killed: new Set(),
    prices: new Map([...knownPrices(), [UNREACHABLE, { input: 1e9, cachedInput: 1e9, cacheWrite: 1e9, output: 1e9 }]]),
    attemptsMax: ATTEMPTS_MAX,
  };
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const groups = Object.entries(Object.groupBy(names, (name) => name));
  return Object.fromEntries(groups.map(([name, all = []]) => [name, all.length]));
}
