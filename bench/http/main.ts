/**
 * The service beside a bare pass-through and another gateway: processor time, latency, streams and
 * memory, as ratios within one run. The server under measurement has one core, the load and the
 * upstream the other. Run by `npm run bench`, on a machine that does nothing else.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../median.ts';
import { sampleCommitMs } from './disk-commit.ts';
import type { LoadResult, LoadTask } from './load.ts';
import {
  LOAD_CORE,
  type MeasuredServer,
  processorMicroseconds,
  residentMegabytes,
  startPassThrough,
  startPortkey,
  startSignalbox,
  startUpstream,
} from './servers.ts';

const ROUNDS = 5;
/** V8 compiles a server's code until about here, on threads whose time counts as well. */
const WARM_UP = 20_000;
const REQUESTS = 8_000;
const SINGLE_REQUESTS = 1_500;
const STREAMS = 300;

type Figures = {
  cpu: number[];
  cachedCpu: number[];
  singleMs: number[];
  firstTokenP99Ms: number[];
  rps: number[];
  megabytes: number[];
};

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-http-'));
const upstream = await startUpstream();
const servers: Record<string, MeasuredServer> = {};
try {
  servers.bare = await startPassThrough(upstream.url);
  servers.signalbox = await startSignalbox(upstream.url, join(folder, 'signalbox'));
  const portkey = await startPortkey(upstream.url, join(tmpdir(), 'signalbox-bench-portkey'));
  if (portkey) servers.portkey = portkey;
  const figures: Record<string, Figures> = {};
  for (const [name, server] of Object.entries(servers)) {
    figures[name] = { cpu: [], cachedCpu: [], singleMs: [], firstTokenP99Ms: [], rps: [], megabytes: [] };
    load(server, { connections: 32, requests: WARM_UP });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server] of Object.entries(servers)) measure(server, figures[name] as Figures, name);
  }
  report(figures, sampleCommitMs(folder));
} finally {
  await Promise.all([...Object.values(servers), upstream].map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}

function measure(server: MeasuredServer, into: Figures, name: string): void {
  const unique = measureProcessor(server, { connections: 32, requests: REQUESTS });
  into.cpu.push(unique.cpu);
  into.rps.push(unique.rps);
  if (name === 'portkey') return;
  if (name === 'signalbox') {
    into.cachedCpu.push(measureProcessor(server, { connections: 32, requests: REQUESTS, prompts: 'same' }).cpu);
  }
  into.singleMs.push(percentile(load(server, { connections: 1, requests: SINGLE_REQUESTS }), 0.5));
  const streams = load(server, { connections: STREAMS, requests: STREAMS * 2, streamed: true });
  into.firstTokenP99Ms.push(percentile(streams, 0.99));
  into.megabytes.push(residentMegabytes(server.pid));
}

function measureProcessor(server: MeasuredServer, task: Partial<LoadTask>): { cpu: number; rps: number } {
  const before = processorMicroseconds(server.pid);
  const { latenciesMs, seconds } = load(server, task);
  const cpu = (processorMicroseconds(server.pid) - before) / latenciesMs.length;
  return { cpu, rps: latenciesMs.length / seconds };
}

/** Runs the load to its end; an error of any request ends the run. */
function load({ url, headers, model }: MeasuredServer, task: Partial<LoadTask>): LoadResult {
  const whole = { prompts: 'unique', streamed: false, ...task, url, headers, model };
  const file = join(import.meta.dirname, 'load.ts');
  const args = ['-c', LOAD_CORE, process.execPath, file, JSON.stringify(whole)];
  const result = JSON.parse(execFileSync('taskset', args, { encoding: 'utf8', maxBuffer: 64e6 })) as LoadResult;
  if (result.errors > 0) throw new Error(`${result.errors} requests failed, the first with: ${result.firstError}`);
  return result;
}

function percentile({ latenciesMs }: LoadResult, share: number): number {
  return latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? Number.NaN;
}

function report(figures: Record<string, Figures>, commitMs: number): void {
  const { bare, signalbox, portkey } = figures;
  if (!bare || !signalbox) throw new Error('nothing was measured');
  print(
    `Node ${process.versions.node}; ${ROUNDS} rounds, in turns; a commit of this disk: ${commitMs.toFixed(2)} ms. Processor time is that of the least disturbed round, the rest are medians.`,
  );
  print('');
  row('the service', 'signalbox', 'bare', 'ratio', 'limit');
  compare('CPU a request, 32 connections, µs', [least(signalbox.cpu)], [least(bare.cpu)], '2.50');
  compare('CPU a cache hit, µs', [least(signalbox.cachedCpu)], [least(bare.cpu)], '1.50');
  compare('first token p99, 300 streams, ms', signalbox.firstTokenP99Ms, bare.firstTokenP99Ms, '1.50');
  compare('requests a second', signalbox.rps, bare.rps, '');
  compare('memory after all of it, MB', signalbox.megabytes, bare.megabytes, '');
  const added = median(signalbox.singleMs) - median(bare.singleMs);
  const limit = `${(0.6 + commitMs).toFixed(2)} ms`;
  row('added at one connection, p50', `${added.toFixed(2)} ms`, '', '', limit);
  if (!portkey) {
    print('Portkey: left out, the registry did not bring it.');
    return;
  }
  compare('CPU a request, beside Portkey 1.15.2', [least(signalbox.cpu)], [least(portkey.cpu)], '0.33');
}

/** Neighbours on the same machine only add to processor time, up to twice as much where caches are shared. */
function least(values: readonly number[]): number {
  return Math.min(...values);
}

function compare(name: string, ours: readonly number[], floor: readonly number[], limit: string): void {
  const [left, right] = [median(ours), median(floor)];
  row(name, left.toFixed(1), right.toFixed(1), (left / right).toFixed(2), limit);
}

function row(name: string, ...cells: readonly string[]): void {
  print(name.padEnd(38) + cells.map((cell) => cell.padStart(12)).join(''));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
