/**
 * The service at three times what it can do: how much of its best it still answers, how fast the rest is refused,
 * and how soon all is as before. The service has one core, vendor and callers the other. Run by
 * `npm run bench:overload`, on a machine that does nothing else; `-- stream` for streamed answers.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  LOAD_CORE,
  type MeasuredServer,
  processorMicroseconds,
  residentMegabytes,
  startSignalbox,
  startUpstream,
} from '../http/servers.ts';
import type { OfferResult, OfferTask, Seen } from './offer.ts';

const WARM_UP = { perSecond: 200, seconds: 10 };
const FIRST_PER_SECOND = 500;
const STEP_S = 5;
const OVERLOAD = 3;
const OVERLOAD_S = 20;
const AFTER_S = 11;
/** Of the best, for the time before and after. */
const USUAL_SHARE = 0.5;
const CONNECTIONS_MAX = 1_900;
/** Replaced by the number of the request. */
const MARK = '############';
/** Long, so that the service is at its limits before its callers are, who share a core with the vendor. */
const FILLER = 'Please summarise this note for a colleague who has not read it yet, in two sentences. '.repeat(200);

const isStreamed = process.argv.includes('stream');
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-overload-'));
const upstream = await startUpstream();
let server: MeasuredServer | undefined;
try {
  server = await startSignalbox(upstream.url, folder);
  await offer(server, WARM_UP);
  const best = await findBest(server);
  const usual = best * USUAL_SHARE;
  const microsecondsAtStart = processorMicroseconds(server.pid);
  const before = await offer(server, { perSecond: usual, seconds: STEP_S });
  const microsecondsBefore = processorMicroseconds(server.pid);
  const megabytesBefore = residentMegabytes(server.pid);
  let megabytesMax = megabytesBefore;
  const { pid } = server;
  const watch = setInterval(() => {
    megabytesMax = Math.max(megabytesMax, residentMegabytes(pid));
  }, 100);
  const crowded = await offer(server, { perSecond: best * OVERLOAD, seconds: OVERLOAD_S });
  clearInterval(watch);
  const microseconds = {
    usual: (microsecondsBefore - microsecondsAtStart) / countAnswered(before.seen),
    crowded: (processorMicroseconds(server.pid) - microsecondsBefore) / countAnswered(crowded.seen),
  };
  const after = await offer(server, { perSecond: usual, seconds: AFTER_S });
  report({ best, before, crowded, after, microseconds, megabytesBefore, megabytesMax });
} finally {
  await Promise.all([server?.stop(), upstream.stop()]);
  rmSync(folder, { recursive: true, force: true });
}

/** The most it answers a second: more and more is offered until it does not come out, twice, in case the machine stalled. */
async function findBest(measured: MeasuredServer): Promise<number> {
  let best = 0;
  let missed = 0;
  for (let perSecond = FIRST_PER_SECOND; missed < 2; ) {
    const result = await offer(measured, { perSecond, seconds: STEP_S });
    const answered = goodput(result.seen, STEP_S);
    best = Math.max(best, answered);
    say(`offered ${perSecond.toFixed(0)}/s: ${describe(result, STEP_S)}`);
    await delay(1_500);
    if (answered < perSecond * 0.95) missed += 1;
    else perSecond *= 1.3;
  }
  return best;
}

async function offer(
  { url, headers, model }: MeasuredServer,
  { perSecond, seconds }: Pick<OfferTask, 'perSecond' | 'seconds'>,
): Promise<OfferResult> {
  const messages = [{ role: 'user', content: `${MARK} ${FILLER}` }];
  const body = { model, messages, ...(isStreamed && { stream: true }) };
  const token = String(headers.authorization).replace('Bearer ', '');
  const port = Number(new URL(url).port);
  const task: OfferTask = { mark: MARK, port, token, body, perSecond, seconds, connectionsMax: CONNECTIONS_MAX };
  const file = join(import.meta.dirname, 'offer.ts');
  const args = ['-c', LOAD_CORE, process.execPath, file, JSON.stringify(task)];
  const { stdout } = await run('taskset', args, { maxBuffer: 256e6 });
  return JSON.parse(stdout) as OfferResult;
}

/** Answers a second of those that were due in the time that was measured. */
function goodput(seen: readonly Seen[], seconds: number): number {
  return countAnswered(seen) / seconds;
}

function countAnswered(seen: readonly Seen[]): number {
  return seen.filter(({ status }) => status === 200).length;
}

type Findings = {
  readonly best: number;
  readonly before: OfferResult;
  readonly crowded: OfferResult;
  readonly after: OfferResult;
  /** Processor time for each answer, all that was refused meanwhile included. */
  readonly microseconds: { readonly usual: number; readonly crowded: number };
  readonly megabytesBefore: number;
  readonly megabytesMax: number;
};

function report({ best, before, crowded, after, microseconds, megabytesBefore, megabytesMax }: Findings): void {
  const good = goodput(crowded.seen, OVERLOAD_S);
  const refused = crowded.seen.filter(({ status }) => status === 503 || status === 429);
  const lost = crowded.seen.length - refused.length - crowded.seen.filter(({ status }) => status === 200).length;
  say('');
  say(`best ${best.toFixed(0)}/s; half of it: ${describe(before, STEP_S)}`);
  say(`three times the best: ${describe(crowded, OVERLOAD_S)}`);
  say(`goodput ${((good / best) * 100).toFixed(0)} % of the best (at least 80)`);
  say(
    `processor time an answer ${microseconds.usual.toFixed(0)} µs at half the best, ${microseconds.crowded.toFixed(0)} µs now`,
  );
  say(`refused within p50 ${percentile(refused, 0.5)} ms, p99 ${percentile(refused, 0.99)} ms (at most 50)`);
  say(`neither answered nor refused: ${lost}; refused without Retry-After: ${crowded.silent} (0)`);
  say(`memory ${megabytesBefore.toFixed(0)} MB before, ${megabytesMax.toFixed(0)} MB at most`);
  say(`afterwards, half of the best: ${describe(after, AFTER_S)}`);
  say(`recovered after ${recoveredAfterMs(before.seen, after.seen)} ms (at most 10000)`);
}

/** The end of the last half second in which one was refused, or most took twice as long as before all this. */
function recoveredAfterMs(before: readonly Seen[], after: readonly Seen[]): number {
  const SLICE_MS = 500;
  const usualMs = Math.max(percentile(before, 0.5), 5);
  let recovered = 0;
  for (let fromMs = 0; fromMs < AFTER_S * 1_000; fromMs += SLICE_MS) {
    const slice = after.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + SLICE_MS);
    const isUsual = slice.every(({ status }) => status === 200) && percentile(slice, 0.5) <= 2 * usualMs;
    if (!isUsual) recovered = fromMs + SLICE_MS;
  }
  return recovered;
}

function describe({ seen }: OfferResult, seconds: number): string {
  const good = seen.filter(({ status }) => status === 200);
  const counts: Record<string, number> = {};
  for (const { status } of seen) counts[status || 'lost'] = (counts[status || 'lost'] ?? 0) + 1;
  const times = `p50 ${percentile(good, 0.5)} ms, p99 ${percentile(good, 0.99)} ms`;
  return `${goodput(seen, seconds).toFixed(0)}/s answered, ${times}; ${JSON.stringify(counts)}`;
}

function percentile(seen: readonly Seen[], share: number): number {
  const sorted = seen.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
