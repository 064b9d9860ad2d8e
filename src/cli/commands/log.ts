import { type Command, InvalidArgumentError } from 'commander';
import type { RequestRecord } from '../../core/books.ts';
import { toLogEntry } from '../log-entry.ts';
import { dim, print } from '../output/terminal.ts';
import { type GlobalOptions, withApp } from '../session.ts';

type LogOptions = GlobalOptions & { readonly json?: boolean; readonly limit: number };

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100_000;

export function addLog(program: Command): void {
  program
    .command('log')
    .description('list the latest requests with their attempts, newest first')
    .option('--limit <count>', 'how many requests', parseLimit, LIMIT_DEFAULT)
    .option('--json', 'print one JSON object a line for each request')
    .action(async (_own: unknown, command: Command) => {
      const { limit, json, ...options } = command.optsWithGlobals<LogOptions>();
      await withApp(options, 'reading the books', async ({ app, progress }) => {
        const requests = await app.gateway.requestLog({ limit });
        progress.stop();
        if (json) for (const request of requests) print(JSON.stringify(toLogEntry(request)));
        else await show(requests);
      });
    });
}

async function show(requests: readonly RequestRecord[]): Promise<void> {
  if (requests.length === 0) return print('No request is booked yet.');
  const [{ foreign, renderTable }, { formatCost }] = await Promise.all([
    import('../output/table.ts'),
    import('../../mcp/rendering/format.ts'),
  ]);
  const rows = requests.flatMap(toRows);
  print(
    renderTable(
      [
        { head: 'started', cell: ({ startedAt }) => startedAt },
        { head: 'status', cell: ({ status }) => status },
        { head: 'model', cell: ({ model }) => foreign(model) },
        { head: 'cost', cell: ({ cost }) => (cost === undefined ? '' : formatCost(cost ?? undefined)), align: 'right' },
        {
          head: 'ms',
          cell: ({ latencyMs }) => (latencyMs === undefined ? '' : String(Math.round(latencyMs))),
          align: 'right',
        },
        { head: 'facts', cell: ({ facts }) => foreign(facts.join(' ')), flexible: true },
      ],
      rows,
    ),
  );
}

type Row = {
  readonly startedAt: string;
  readonly status: string;
  readonly model: string;
  /** Null: unknown. Absent: there was none. */
  readonly cost: RequestRecord['costNanoUsd'] | undefined;
  readonly latencyMs: number | undefined;
  readonly facts: readonly string[];
};

/** The request, and under it its attempts when they say more than it does. */
function toRows(request: RequestRecord): readonly Row[] {
  const { id, attempts, tier, task, strategy, cache, client, error } = request;
  const facts = [...(tier ? [tier] : []), ...(task ? [task] : []), strategy, `cache ${cache}`, client];
  const row: Row = {
    startedAt: new Date(request.startedAtMs).toISOString().slice(0, 19).replace('T', ' '),
    status: request.status ?? 'running',
    model: request.model ?? '',
    cost: request.costNanoUsd,
    latencyMs: request.latencyMs,
    facts: [...facts, ...(error ? [error] : []), id],
  };
  if (attempts.length === 0 || (attempts.length === 1 && request.status === 'success')) return [row];
  return [
    row,
    ...attempts.map((attempt, index) => ({
      startedAt: dim(`  attempt ${index + 1}`),
      status: attempt.status,
      model: attempt.model,
      cost: attempt.status === 'failed_unbilled' ? undefined : (attempt.costNanoUsd ?? null),
      latencyMs: attempt.latencyMs,
      facts: [`key ${attempt.key}`, ...(attempt.error ? [attempt.error] : [])],
    })),
  ];
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > LIMIT_MAX) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
  }
  return limit;
}
