import { type Command, InvalidArgumentError } from 'commander';
import type { RequestRecord } from '../../core/books.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Verification } from '../../core/verification.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import { toLogEntry } from '../log-entry.ts';
import { usageError } from '../output/failure.ts';
import { bad, dim, doubtful, good, print } from '../output/terminal.ts';
import { toUtcSecond } from '../output/utc-second.ts';
import { type GlobalOptions, withApp } from '../session.ts';

type LogOptions = GlobalOptions & { readonly json?: boolean; readonly limit: number };

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100_000;

export function addLog(program: Command): void {
  program
    .command('log')
    .description('list the latest requests with their attempts, newest first, or show one')
    .argument('[request]', 'the id of one, as answers and errors tell it')
    .option('--limit <count>', 'how many requests', parseLimit, LIMIT_DEFAULT)
    .option('--json', 'print one JSON object a line for each request')
    .action(async (id: string | undefined, _own: unknown, command: Command) => {
      const { limit, json, ...options } = command.optsWithGlobals<LogOptions>();
      await withApp(options, { label: 'reading the books', isOfBooks: true }, async ({ app, progress }) => {
        const requests = await app.gateway.requestLog({ limit, ...(id !== undefined && { id }) });
        progress.stop();
        if (id !== undefined && requests.length === 0) throw unknownRequest(id);
        if (json) for (const request of requests) print(JSON.stringify(toLogEntry(request)));
        else await show(requests, id !== undefined);
      });
    });
}

async function show(requests: readonly RequestRecord[], isWhole: boolean): Promise<void> {
  if (requests.length === 0) return print('No request is booked yet.');
  const [{ foreign, renderTable }, { formatCost, formatCount }, { attemptLine }] = await Promise.all([
    import('../output/table.ts'),
    import('../../mcp/rendering/format.ts'),
    import('../output/attempt-line.ts'),
  ]);
  print(
    renderTable<RequestRecord>(
      [
        { head: 'started (UTC)', cell: ({ startedAtMs }) => toUtcSecond(startedAtMs) },
        { head: 'status', cell: ({ status }) => styled(status) },
        { head: 'model', cell: ({ model }) => foreign(model) || dim('none') },
        { head: 'cost', cell: ({ costNanoUsd }) => formatCost(costNanoUsd ?? undefined), align: 'right' },
        {
          head: 'ms',
          cell: ({ latencyMs }) => (latencyMs === undefined ? '' : formatCount(Math.round(latencyMs))),
          align: 'right',
        },
      ],
      requests,
      (request) => [
        dim(foreign(factsOf(request).join(' · '))),
        ...(isWhole ? request.attempts : attemptsWorthALine(request)).map(
          (attempt, index) => `${index + 1}. ${attemptLine(attempt)}`,
        ),
      ],
    ),
  );
}

function styled(status: RequestRecord['status']): string {
  switch (status) {
    case undefined:
      return 'running';
    case 'success':
      return good(status);
    case 'failed':
      return bad(status);
    case 'truncated':
    case 'cancelled':
      return doubtful(status);
    default:
      return status satisfies never;
  }
}

/** The id last, and what is as usual left out. */
function factsOf({ id, tier, task, strategy, cache, client, error, verification }: RequestRecord): readonly string[] {
  return [
    ...(tier ? [tier] : []),
    ...(task ? [`task ${task}`] : []),
    ...(strategy === 'complexity' ? [] : [`by ${strategy}`]),
    ...(cache === 'miss' ? [] : [`cache ${cache}`]),
    ...(verification ? [checkFact(verification)] : []),
    client,
    ...(error ? [error] : []),
    id,
  ];
}

/** `check: escalated (truncated)`. */
function checkFact({ outcome, reasons }: Verification): string {
  return `check: ${outcome}${outcome === 'passed' || reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`;
}

/** One attempt that answered says nothing that its request does not. */
function attemptsWorthALine({ attempts, status }: RequestRecord): RequestRecord['attempts'] {
  return attempts.length === 1 && status === 'success' ? [] : attempts;
}

function unknownRequest(id: string): GatewayError {
  return usageError(
    `No request ${JSON.stringify(shorten(id))} is in the books.`,
    '"signalbox log" lists the latest; other data folders (--data-dir) have books of their own.',
  );
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > LIMIT_MAX) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
  }
  return limit;
}
