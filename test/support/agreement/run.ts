import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { CostReportOutput } from '../../../src/mcp/rendering/cost-report.ts';
import { sendModern } from '../../http/mcp/wire.ts';
import { compareCalls } from '../reconcile/compare-calls.ts';
import { compareCounters } from '../reconcile/compare-counters.ts';
import { compareReports } from '../reconcile/compare-reports.ts';
import { compareRows } from '../reconcile/compare-rows.ts';
import type { Evidence, Finding } from '../reconcile/evidence.ts';
import { ATTEMPTS_MAX, AUDITED, knownPrices, LIMIT_OF_ALL, openPlace, type Place } from '../reconcile/place.ts';
import { readAudit, startAudit } from '../reconcile/quota-audit.ts';
import { readSignalboxBooks } from '../reconcile/signalbox-books.ts';
import { readVendorBooks } from '../reconcile/vendor-books.ts';
import type { ReportedSums } from '../reconcile/work.ts';
import { startWorker } from '../reconcile/worker-process.ts';
import { type Figures, scrape, sumOf } from '../scrape.ts';
import { pick, seededRandom } from '../seeded-random.ts';
import { startServe } from '../serve.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { until } from '../until.ts';
import { type Heard, planServedCalls, type ServedCall, TENANTS, UNREACHABLE } from './calls.ts';
import { compareListings, toReportedSums } from './compare-listings.ts';
import { compareHeard, compareLogs, readLog } from './compare-log.ts';
import { compareCrowd, compareMetrics } from './compare-metrics.ts';
import { CALLERS, calmConfig, ROUGH_AUDITED, roughConfig } from './configs.ts';
import { Member, tokenOf } from './members.ts';
import { type RequestRow, readRows } from './rows.ts';

type AgreementResult = {
  readonly findings: readonly Finding[];
  /** How often callers were told what, so that a run that proves nothing is seen. */
  readonly outcomes: Readonly<Record<string, number>>;
};

type Course = {
  readonly seed: number;
  readonly calls: number;
  /**
   * Answers are checked, limits are narrow, and of three services one gets SIGTERM and one SIGKILL in the middle; else two
   * stay.
   */
  readonly isRough: boolean;
};

/** When those that a request left behind without an end are given up, of a process that died. */
const GIVEN_UP_AFTER_MS = 25 * 3_600_000;

/**
 * Real services on one data folder, callers of every API, vendors that go wrong by the seed; then all that
 * Signalbox says of it against its books, and its books against those of the vendors.
 */
export async function runAgreement({ seed, calls, isRough }: Course): Promise<AgreementResult> {
  const place = await openPlace(seed);
  onTestFinished(() => place.close());
  const { dataDir } = place;
  const config = isRough ? roughConfig(place) : calmConfig(place);
  const configPath = join(temporaryFolder(), 'mcp.config.json');
  writeFileSync(configPath, JSON.stringify({ dataDir, ...config }));
  const start = async () => new Member(await startServe({ upstreams: [], config, args: ['--data-dir', dataDir] }));
  const members = await Promise.all([start(), start(), ...(isRough ? [start()] : [])]);
  startAudit(dataDir, isRough ? ROUGH_AUDITED : AUDITED);
  const planned = planServedCalls(seed, calls);
  await callAll(members, planned, { random: seededRandom(seed + 1), isRough });
  // Those that stay come first.
  const stayed = members.filter(({ isOpen }) => isOpen);
  const killed = members.filter(({ wasKilled }) => wasKilled);
  const ofKilled = new Set(killed.flatMap(({ heard }) => heard.map(({ tag }) => tag)));
  await settled(dataDir, stayed, ofKilled);
  const figures = await Promise.all(stayed.map(figuresOf));
  const ofTenants = await tenantReports(stayed);
  const logs = await Promise.all(members.map(async (member) => readLog(await member.stop(), member.wasKilled)));
  const reports = isRough ? await reportsOfLater(configPath) : ofTenants;
  const rows = readRows(dataDir);
  const heard = members.flatMap((member) =>
    member.heard.map((told) => (member.wasKilled ? { ...told, diedLater: true } : told)),
  );
  const evidence = { ...evidenceOf(place, planned, rows), killed: unfinishedOf(killed) };
  const findings = [
    ...compareCalls({ ...evidence, told: heard }),
    ...compareRows({ ...evidence, told: bookable(heard, rows) }),
    ...compareCounters(dataDir, { drained: true, everyAttemptClaims: LIMIT_OF_ALL }),
    ...passedLimits(dataDir),
    ...compareLogs(rows, logs, ofKilled),
    ...compareHeard(heard, rows, logs),
    ...compareTold(heard, rows, evidence),
    ...foreignHits(rows),
    ...figures.flatMap((one, index) => compareMetrics(`metrics of process ${index}`, one, rows, logs[index])),
    ...(isRough ? [] : compareCrowd(figures, heard)),
    ...compareReports(dataDir, reports),
    ...(await compareListings({ configPath, dataDir }, rows)),
  ];
  const outcomes = heard.flatMap(({ outcome, replayed }) => (replayed ? [outcome, 'replayed'] : [outcome]));
  return { findings, outcomes: countBy(outcomes) };
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
    const isShared = row.status !== 'success' && row.attempts.length === 0 && began !== undefined;
    return [isShared ? { ...rest, requestId } : told];
  });
}

type Calling = { readonly random: () => number; readonly isRough: boolean };

/** As many at once as do not make a crowd, of which most would be turned away. */
async function callAll(members: readonly Member[], calls: readonly ServedCall[], { random, isRough }: Calling) {
  const waiting = [...calls];
  const [first, second] = members.toReversed();
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let call = waiting.shift(); call; call = waiting.shift()) {
      const left = waiting.length / calls.length;
      if (isRough && left < 2 / 3 && first?.isOpen) void first.stop();
      if (isRough && left < 1 / 3 && second?.isOpen) second.kill();
      const [one, ...others] = members.filter(({ isOpen }) => isOpen);
      if (one) await pick(random, [one, ...others]).call(call);
    }
  });
  await Promise.all(callers);
}

function figuresOf({ served }: Member): Promise<Figures> {
  return scrape({ url: served.url, token: tokenOf('north') });
}

/** Whoever left is told nothing more: what they began ends after them. */
async function settled(dataDir: string, members: readonly Member[], ofKilled: ReadonlySet<string>): Promise<void> {
  const isQuiet = async () => {
    const figures = await Promise.all(members.map(figuresOf));
    // The scrape itself is one.
    if (figures.some((one) => sumOf(one, 'signalbox_requests_in_flight') !== 1)) return false;
    return readRows(dataDir).every(
      ({ client, status, attempts }) =>
        ofKilled.has(client) || (status !== null && attempts.every((attempt) => attempt.status !== 'pending')),
    );
  };
  // Seen twice: a request may have come in and not have begun.
  await until(async () => (await isQuiet()) && (await delay(100, true)) && (await isQuiet()), 30_000);
}

/** Of a process that starts so much later, and gives up what the dead left. */
async function reportsOfLater(configPath: string): Promise<readonly ReportedSums[]> {
  const worker = startWorker({ configPath, clockOffsetMs: GIVEN_UP_AFTER_MS, timeZone: 'UTC' });
  await worker.ready;
  const reports = await worker.reports();
  await worker.stop();
  await worker.ended;
  return reports;
}

/** Calls of a service that was killed, as far as nobody was told of their end. */
function unfinishedOf(killed: readonly Member[]): ReadonlySet<string> {
  const open = ['killed', 'cancelled', 'deadline_exceeded'];
  const heard = killed.flatMap((member) => member.heard);
  return new Set(heard.flatMap(({ tag, outcome }) => (open.includes(outcome) ? [tag] : [])));
}

function passedLimits(dataDir: string): readonly Finding[] {
  return readAudit(dataDir).flatMap((found) =>
    found.breaches === 0 ? [] : [{ invariant: 'I10', what: `${JSON.stringify(found)} was passed` }],
  );
}

/** Whatever is booked was told to somebody, unless a budget asked instead; who left or whose service was killed aside. */
function compareTold(
  heard: readonly Heard[],
  rows: readonly RequestRow[],
  { cancelled, killed }: Pick<Evidence, 'cancelled' | 'killed'>,
): readonly Finding[] {
  const told = new Set(heard.map(({ requestId }) => requestId));
  const untold = rows.filter(({ id, client }) => !told.has(id) && !cancelled.has(client) && !killed.has(client));
  return [...Map.groupBy(untold, ({ client }) => client)].flatMap(([client, ended]) => {
    const ofClient = heard.filter(({ tag }) => tag === client);
    const asked = ofClient.reduce((sum, { questions = 0 }) => sum + questions, 0);
    // Whose service was gone when he answered may have been asked.
    const askedMax = asked + ofClient.filter(({ outcome }) => outcome === 'unreached').length;
    if (ended.length >= asked && ended.length <= askedMax) return [];
    const what = ended.map(({ id, status, error }) => `${id} ended as ${status} ${error}`).join(', ');
    return [{ invariant: 'I1', what: `of work ${client} nobody was told: ${what}` }];
  });
}

const GROUPS = ['provider', 'model', 'key', 'tier', 'day'];

/** What each tenant sees of its own, put together. */
async function tenantReports([member]: readonly Member[]) {
  const { url = '' } = member?.served ?? {};
  const reports: ReportedSums[] = [];
  for (const group of GROUPS) {
    reports.push(toReportedSums(group, await Promise.all(TENANTS.map((tenant) => costReport(url, tenant, group)))));
  }
  return reports;
}

async function costReport(url: string, tenant: string, group: string): Promise<CostReportOutput> {
  const params = { name: 'cost_report', arguments: { period: 'all', group_by: group } };
  const sent = await sendModern(`${url}/mcp`, { id: 1, method: 'tools/call', params }, { token: tokenOf(tenant) });
  return sent.messages.at(-1)?.result.structuredContent;
}

function evidenceOf(
  { dataDir, vendors }: Place,
  calls: readonly ServedCall[],
  rows: readonly RequestRow[],
): Omit<Evidence, 'told' | 'killed'> {
  const left = calls.filter(({ leave, deadlineMs }) => (leave ?? deadlineMs) !== undefined);
  // A peer is no longer waited for once nothing it says could matter.
  const stopped = rows.filter(({ attempts }) =>
    attempts.some((one) => one.role === 'peer' && one.status === 'cancelled'),
  );
  return {
    vendors: readVendorBooks(vendors),
    books: readSignalboxBooks(dataDir),
    cancelled: new Set([...left.map(({ tag }) => tag), ...stopped.map(({ client }) => client)]),
    prices: new Map([...knownPrices(), [UNREACHABLE, { input: 1e9, cachedInput: 1e9, cacheWrite: 1e9, output: 1e9 }]]),
    attemptsMax: ATTEMPTS_MAX,
  };
}

/** I16: answers from the cache that nobody of the same tenant was given before. */
function foreignHits(rows: readonly RequestRow[]): readonly Finding[] {
  const given = new Set(rows.flatMap(({ cache, tenant, client }) => (cache === 'hit' ? [] : [`${tenant} ${client}`])));
  return rows.flatMap(({ id, cache, tenant, client }) => {
    if (cache !== 'hit' || given.has(`${tenant} ${client}`)) return [];
    return [{ invariant: 'I16', what: `request ${id} of work ${client} had an answer that ${tenant} never asked for` }];
  });
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const groups = Object.entries(Object.groupBy(names, (name) => name));
  return Object.fromEntries(groups.map(([name, all = []]) => [name, all.length]));
}
