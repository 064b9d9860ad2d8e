import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvLine } from '../../../src/cli/costs/csv-line.ts';
import type { CostReportOutput } from '../../../src/mcp/rendering/cost-report.ts';
import { signalbox } from '../../cli/run-signalbox.ts';
import { compareReports } from '../reconcile/compare-reports.ts';
import type { Finding } from '../reconcile/evidence.ts';
import { knownPrices } from '../reconcile/place.ts';
import { withLedger } from '../reconcile/signalbox-books.ts';
import type { ReportedSums } from '../reconcile/work.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type AttemptRow, costOf, differing, inputOf, type RequestRow } from './rows.ts';

/** Dearer than the others. */
const BASELINE = 'first/model-under-test';

type Place = { readonly configPath: string; readonly dataDir: string };

/** What the shell prints and writes of the books, request by request and in sum. */
export async function compareListings(place: Place, rows: readonly RequestRow[]): Promise<readonly Finding[]> {
  const folder = temporaryFolder();
  const [file, csv] = [join(folder, 'export.json'), join(folder, 'export.csv')];
  const asked = ['--period', 'all', '--group-by', 'tenant', '--baseline', BASELINE, '--export', file, '--csv', csv];
  const [costs, log] = await Promise.all([
    print(place, ['costs', '--json', ...asked]),
    print(place, ['log', '--limit', '100000', '--json']),
  ]);
  const reconciled = JSON.parse(await print(place, ['reconcile', csv, '--provider', 'second', '--json']));
  const report = JSON.parse(costs) as CostReportOutput;
  const entries = log
    .trimEnd()
    .split('\n')
    .map((line): LogEntry => JSON.parse(line));
  const exported = JSON.parse(readFileSync(file, 'utf8')) as Exported;
  return [
    ...compareReports(place.dataDir, [toReportedSums('tenant', [report])]),
    ...compareBudgets(place.dataDir, report),
    ...compareEntries(entries, rows),
    ...compareExport(exported, rows),
    ...differing('the export as CSV', { 'its text': [readFileSync(csv, 'utf8'), csvOf(exported)] }),
    ...differing('signalbox reconcile with the export', {
      'what is mended, what differs': [
        [reconciled.counters_mended, reconciled.differences],
        [0, []],
      ],
    }),
    ...differing('the baseline', { cost_usd: [report.baseline?.cost_usd, baselineOf(rows) / 1e9] }),
  ];
}

function csvOf({ rows }: Exported): string {
  return [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map(csvLine).join('');
}

/** What each answer that was given would have cost there, as far as it has a price. */
function baselineOf(rows: readonly RequestRow[]): number {
  const { input = 0, output = 0 } = knownPrices().get(BASELINE) ?? {};
  const given = rows.flatMap(({ attempts, model, verification }) =>
    attempts.filter(
      (one) =>
        one.status === 'settled' &&
        one.error === null &&
        one.cost_nano_usd !== null &&
        one.role !== 'peer' &&
        (verification === null || one.model === model),
    ),
  );
  return given.reduce((sum, one) => sum + Math.round((inputOf(one) * input + one.output_tokens * output) / 1e6), 0);
}

async function print({ configPath }: Place, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await signalbox([...args, '--config', configPath]);
  // What differs is told by 1, and on standard output.
  if (code !== 0 && stdout === '') throw new Error(`signalbox ${args[0]} ended with ${code}: ${stderr}`);
  return stdout;
}

/** One report, or those of all tenants added up. */
export function toReportedSums(group: string, reports: readonly CostReportOutput[]): ReportedSums {
  const groups = reports.flatMap((report) => report.groups.map((part) => ({ key: part.key, ...toSums(part) })));
  const [first, ...others] = reports.map(({ totals }) => toSums(totals));
  if (!first) throw new Error('no report');
  const names = Object.keys(first) as (keyof typeof first)[];
  const add = (left: typeof first, right: typeof first) =>
    Object.fromEntries(names.map((name) => [name, left[name] + right[name]])) as typeof first;
  return { group, totals: others.reduce(add, first), groups };
}

function toSums(totals: CostReportOutput['totals']) {
  return {
    requests: totals.requests,
    attempts: totals.attempts,
    failedAttempts: totals.failed_attempts,
    cacheHits: totals.cache_hits,
    inputTokens: totals.input_tokens,
    outputTokens: totals.output_tokens,
    costNanoUsd: Math.round(totals.cost_usd * 1e9),
    savedByCacheNanoUsd: Math.round(totals.saved_by_cache_usd * 1e9),
    unpricedRequests: totals.unpriced_requests,
  };
}

type Counter = {
  readonly quota: string;
  readonly settled: number;
  readonly reserved: number;
  readonly unknown: number;
};

const READ_COUNTERS = `
  SELECT quota, sum(settled) AS settled, sum(reserved) AS reserved, sum("unknown") AS "unknown"
  FROM quota_counters WHERE key = '' AND quota LIKE 'budget %' GROUP BY quota`;

/** Budgets of one window for all; that the counters are the sums of the rows is looked at elsewhere. */
function compareBudgets(dataDir: string, { budgets }: CostReportOutput): readonly Finding[] {
  const counters = withLedger(dataDir, (database) => database.prepare<[], Counter>(READ_COUNTERS).all());
  return counters.flatMap(({ quota, settled, reserved, unknown }) => {
    const said = budgets.find(({ name }) => `budget ${name}` === quota);
    const sums = said && [said.spent_usd, said.reserved_usd, said.unknown_usd];
    return differing(`the report of ${quota}`, {
      'spent, reserved, unknown': [sums, [settled / 1e9, reserved / 1e9, unknown / 1e9]],
    });
  });
}

type LogEntry = {
  readonly request_id: string;
  readonly tenant: string;
  readonly status: string;
  readonly cache: string;
  readonly model: string | null;
  readonly cost_nano_usd: number | null;
  readonly attempts: readonly {
    readonly id: string;
    readonly status: string;
    readonly error: string | null;
    readonly usage: { readonly input_tokens: number; readonly output_tokens: number } | null;
    readonly cost_nano_usd: number | null;
  }[];
};

function compareEntries(entries: readonly LogEntry[], rows: readonly RequestRow[]): readonly Finding[] {
  const listed = new Map(entries.map((entry) => [entry.request_id, entry]));
  return [
    ...differing('signalbox log', { 'the number of its lines': [entries.length, rows.length] }),
    ...rows.flatMap((row) => {
      const entry = listed.get(row.id);
      const { tenant, status, cache, model } = row;
      const due = { tenant, status, cache, model, cost: costOf(row.attempts), attempts: row.attempts.map(figuresOf) };
      return differing(`signalbox log of request ${row.id}`, {
        entry: [
          entry && {
            tenant: entry.tenant,
            status: entry.status,
            cache: entry.cache,
            model: entry.model,
            cost: entry.cost_nano_usd,
            attempts: entry.attempts.map(({ id, status: end, error, usage, cost_nano_usd }) => [
              id,
              end,
              error,
              usage?.input_tokens ?? 0,
              usage?.output_tokens ?? 0,
              cost_nano_usd,
            ]),
          },
          due,
        ],
      });
    }),
  ];
}

function figuresOf(attempt: AttemptRow): readonly unknown[] {
  const { id, status, error, output_tokens, cost_nano_usd } = attempt;
  return [id, status, error, inputOf(attempt), output_tokens, cost_nano_usd];
}

type Exported = { readonly rows: readonly Readonly<Record<string, string | number | null>>[] };

function compareExport(exported: Exported, rows: readonly RequestRow[]): readonly Finding[] {
  const written = new Map(exported.rows.map((row) => [`${row.record} ${row.id}`, row]));
  const due = [
    ...rows.map(({ id, status, saved_nano_usd }) => ({ name: `request ${id}`, status, saved_nano_usd })),
    ...rows.flatMap(({ attempts }) =>
      attempts.map((attempt) => ({
        name: `attempt ${attempt.id}`,
        status: attempt.status,
        input_tokens: inputOf(attempt),
        output_tokens: attempt.output_tokens,
        cost_nano_usd: attempt.cost_nano_usd,
      })),
    ),
  ];
  return [
    ...differing('the export', { 'the number of its rows': [exported.rows.length, due.length] }),
    ...due.flatMap(({ name, ...figures }) =>
      differing(
        `the export of ${name}`,
        Object.fromEntries(
          Object.entries(figures).map(([column, value]) => [column, [written.get(name)?.[column], value]]),
        ),
      ),
    ),
  ];
}
