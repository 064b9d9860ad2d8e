import { setTimeout as delay } from 'node:timers/promises';
import { pick, seededRandom } from '../seeded-random.ts';
import { compareCalls } from './compare-calls.ts';
import { compareCounters } from './compare-counters.ts';
import { compareReports } from './compare-reports.ts';
import { compareRows } from './compare-rows.ts';
import type { Evidence, Finding } from './evidence.ts';
import { createOldLedger } from './old-ledger.ts';
import { ATTEMPTS_MAX, AUDITED, knownPrices, LIMIT_OF_ALL, openPlace, type Place, TOTAL_MS } from './place.ts';
import { type AuditFinding, readAudit, startAudit } from './quota-audit.ts';
import { replayEnds } from './replay-ends.ts';
import { clockStepMs, firstOffsetMs, planCalls, TIME_ZONES } from './schedule.ts';
import { readSignalboxBooks, withLedger } from './signalbox-books.ts';
import { readVendorBooks } from './vendor-books.ts';
import type { ReportedSums } from './work.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export type RunOptions = {
  readonly seed: number;
  readonly rounds: number;
  readonly processes: number;
  /** Of all processes together, in each round. */
  readonly calls: number;
};

export type RunResult = {
  readonly findings: readonly Finding[];
  readonly audit: readonly AuditFinding[];
  /** How often callers were told what, so that a run that proves nothing is seen. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly kills: number;
};

/** After its deadline and this much more an attempt of a dead process is given up. */
const GIVEN_UP_AFTER_MS = TOTAL_MS + 60_000;
const ROUND_MAX_MS = 60_000;

type Running = {
  readonly place: Place;
  readonly options: RunOptions;
  readonly random: () => number;
  readonly all: WorkerProcess[];
  readonly killed: WorkerProcess[];
  /** Somebody locks the books for longer than a write is willing to wait. */
  readonly hasLocks: boolean;
  offsetMs: number;
  offsetMsMax: number;
};

/**
 * Many processes on one data folder through faults, cancels, kills, locks and clocks that step, by a seed; then every
 * invariant against the vendors' own books. The same seed meets the same calls, faults and steps.
 */
export async function runReconciliation(options: RunOptions): Promise<RunResult> {
  const random = seededRandom(options.seed);
  const place = await openPlace(options.seed);
  const offsetMs = firstOffsetMs(random);
  const hasLocks = random() < 0.5;
  const running: Running = { place, options, random, all: [], killed: [], hasLocks, offsetMs, offsetMsMax: offsetMs };
  try {
    if (random() < 0.5) createOldLedger(place.dataDir, random);
    await killWhileStarting(running);
    for (let round = 0; round < options.rounds; round += 1) await runRound(running, round);
    return await settleUp(running);
  } finally {
    for (const worker of running.all) worker.kill();
    await Promise.all(running.all.map(({ ended }) => ended));
    await place.close();
  }
}

/** Some die while they make the database or bring it up to date. */
async function killWhileStarting(running: Running): Promise<void> {
  const started = Array.from({ length: running.options.processes }, () => start(running));
  for (const worker of started) {
    await delay(running.random() * 250);
    kill(running, worker);
  }
  await Promise.all(started.map(({ ended }) => ended));
}

async function runRound(running: Running, round: number): Promise<void> {
  const { random, options, place } = running;
  const workers = Array.from({ length: options.processes }, () => start(running));
  // A round later than the first begins with recovery: some die in it, and others take their place.
  if (round > 0 && random() < 0.5) {
    const [first] = workers.splice(0, 1, start(running));
    await delay(300 + random() * 700);
    if (first) kill(running, first);
  }
  await Promise.all(workers.map(({ ready }) => ready));
  if (round === 0) startAudit(place.dataDir, AUDITED);
  const calls = planCalls(random, { round, count: options.calls });
  const killAt = new Map(workers.slice(1).map((worker) => [Math.floor(random() * calls.length * 1.5), worker]));
  const lockAt = Math.floor(random() * calls.length * 2);
  const stepAt = Math.floor(random() * calls.length * 1.5);
  const alive = new Set(workers);
  let locked: Promise<void> | undefined;
  for (const [index, call] of calls.entries()) {
    const victim = killAt.get(index);
    if (victim) {
      alive.delete(victim);
      kill(running, victim);
    }
    if (index === stepAt) stepClocks(running, alive);
    if (running.hasLocks && index === lockAt) locked = holdLock(place.dataDir, 300 + random() * 900);
    const [first, ...others] = [...alive];
    if (first) pick(random, [first, ...others]).call(call);
    await delay(random() < 0.2 ? random() * 60 : random() * 8);
  }
  await locked;
  await allTold([...alive]);
  await Promise.all([...alive].map((worker) => worker.stop()));
  await Promise.all(workers.map(({ ended }) => ended));
}

function start(running: Running): WorkerProcess {
  const { place, random, offsetMs } = running;
  const worker = startWorker({
    configPath: place.configPath,
    clockOffsetMs: offsetMs,
    timeZone: pick(random, TIME_ZONES),
  });
  running.all.push(worker);
  return worker;
}

function kill({ killed }: Running, worker: WorkerProcess): void {
  killed.push(worker);
  worker.kill();
}

/** All processes of a machine have the same clock. */
function stepClocks(running: Running, workers: ReadonlySet<WorkerProcess>): void {
  running.offsetMs += clockStepMs(running.random);
  running.offsetMsMax = Math.max(running.offsetMsMax, running.offsetMs);
  for (const worker of workers) worker.shiftClock(running.offsetMs);
}

/** Somebody else has the books locked, longer than a write is willing to wait. */
async function holdLock(dataDir: string, holdMs: number): Promise<void> {
  const gate = Promise.withResolvers<void>();
  setTimeout(gate.resolve, holdMs);
  await withLockedLedger(dataDir, gate.promise);
}

async function withLockedLedger(dataDir: string, until: Promise<void>): Promise<void> {
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(`${dataDir}/ledger.db`, { timeout: 5_000 });
  try {
    database.exec('BEGIN IMMEDIATE');
    await until;
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

async function allTold(workers: readonly WorkerProcess[]): Promise<void> {
  const giveUpAtMs = performance.now() + ROUND_MAX_MS;
  while (workers.some((worker) => worker.openCalls() > 0)) {
    if (performance.now() > giveUpAtMs) throw new Error(`calls without an end: ${openTags(workers)}`);
    await delay(20);
  }
}

function openTags(workers: readonly WorkerProcess[]): string {
  return workers.flatMap(({ calls, told }) => openOf(calls, told)).join(', ');
}

type Tagged = { readonly tag: string };

/** Tags of calls whose end was not heard of; a tag that was asked twice has to be told twice. */
function openOf(calls: readonly Tagged[], told: readonly Tagged[]): readonly string[] {
  const open = calls.map(({ tag }) => tag);
  for (const { tag } of told) {
    const at = open.indexOf(tag);
    if (at >= 0) open.splice(at, 1);
  }
  return open;
}

async function settleUp(running: Running): Promise<RunResult> {
  const { place } = running;
  const counterOptions = { everyAttemptClaims: LIMIT_OF_ALL };
  // While the dead still hold what they reserved, the counters are the sums of their rows all the same.
  const before = compareCounters(place.dataDir, { drained: false, ...counterOptions });
  await report(running, GIVEN_UP_AFTER_MS);
  const expired = compareCounters(place.dataDir, { drained: true, ...counterOptions });
  // A request that has no attempt is given up after a day.
  const reports = await report(running, 25 * 3_600_000);
  const evidence = gather(running);
  const findings = [
    ...before,
    ...expired,
    ...compareCalls(evidence),
    ...compareRows(evidence),
    ...compareCounters(place.dataDir, { drained: true, ...counterOptions }),
    ...compareReports(place.dataDir, reports),
    ...(await replayEnds(place.dataDir, running.offsetMs)),
    ...soundness(place.dataDir),
  ];
  const audit = readAudit(place.dataDir);
  const breaches = audit
    .filter(({ breaches, unweighed }) => breaches > (running.hasLocks ? unweighed : 0))
    .map((finding): Finding => ({ invariant: 'I10', what: `${JSON.stringify(finding)} was passed` }));
  const counts = Object.entries(Object.groupBy(evidence.told, ({ outcome }) => outcome));
  return {
    findings: [...findings, ...breaches],
    audit,
    outcomes: Object.fromEntries(counts.map(([outcome, told = []]) => [outcome, told.length])),
    kills: running.killed.length,
  };
}

/** The reports of a process that starts later than any clock ever said, by so much. */
async function report(running: Running, laterMs: number): Promise<readonly ReportedSums[]> {
  running.offsetMs = running.offsetMsMax + laterMs;
  const worker = start(running);
  await worker.ready;
  const reports = await worker.reports();
  await worker.stop();
  return reports;
}

function gather({ place, all, killed }: Running): Evidence {
  const told = all.flatMap((worker) =>
    worker.told.map((one) => (killed.includes(worker) ? { ...one, diedLater: true } : one)),
  );
  const left = all.flatMap(({ calls }) => calls.filter(({ leave, deadlineMs }) => (leave ?? deadlineMs) !== undefined));
  return {
    vendors: readVendorBooks(place.vendors),
    books: readSignalboxBooks(place.dataDir),
    told,
    cancelled: new Set(left.map(({ tag }) => tag)),
    killed: new Set(killed.flatMap(unfinishedOf)),
    prices: knownPrices(),
    attemptsMax: ATTEMPTS_MAX,
  };
}

/** Whoever cancels is told so at once: what becomes of the attempt is booked after it. */
function unfinishedOf({ calls, told }: WorkerProcess): readonly string[] {
  const left = told.filter(({ outcome }) => outcome === 'cancelled' || outcome === 'deadline_exceeded');
  return [...openOf(calls, told), ...left.map(({ tag }) => tag)];
}

function soundness(dataDir: string): readonly Finding[] {
  const found = withLedger(dataDir, (database) => database.pragma('integrity_check', { simple: true }));
  return found === 'ok' ? [] : [{ invariant: 'F36', what: `integrity_check says ${String(found)}` }];
}
