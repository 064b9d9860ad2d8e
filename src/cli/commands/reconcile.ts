import { type Command, InvalidArgumentError } from 'commander';
import type { Reconciliation } from '../../app/reconciliation.ts';
import type { AccountComparison, AccountLine } from '../../core/account.ts';
import { GatewayError } from '../../core/errors.ts';
import { nanoUsdFromUsd } from '../../core/money.ts';
import { usageError } from '../output/failure.ts';
import { note, print, printJson } from '../output/terminal.ts';
import { findConfig, type GlobalOptions } from '../session.ts';

type ReconcileOptions = GlobalOptions & {
  readonly provider?: string;
  readonly from?: string;
  readonly to?: string;
  readonly tolerance?: number;
  readonly book?: boolean;
  readonly json?: boolean;
};

export function addReconcile(program: Command): void {
  program
    .command('reconcile')
    .description("add the counters of limits up anew, and compare the books with a provider's account of usage")
    .argument('[file]', "the provider's export: CSV, JSON or JSON lines, of requests or of sums")
    .option('--provider <name>', 'whose account it is; needed where several are configured')
    .option('--from <date>', 'the time it is of, from this ISO date or time, UTC; otherwise what its lines say')
    .option('--to <date>', 'up to this date or time')
    .option('--tolerance <usd>', 'costs that differ by no more are equal, for accounts that are rounded', usdValue)
    .option('--book', 'correct the books: what differs is added as corrections, no row is changed')
    .option('--json', 'print the comparison as JSON')
    .action(async (file: string | undefined, _own: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReconcileOptions>();
      if (file === undefined && (options.provider ?? options.from ?? options.to ?? options.book) !== undefined) {
        throw usageError('There is no account to compare with.', 'Name a file: signalbox reconcile usage.csv');
      }
      await reconcile(file, options);
    });
}

function usdValue(text: string): number {
  const usd = Number(text);
  if (text.trim() !== '' && usd >= 0 && usd <= 1_000_000) return nanoUsdFromUsd(usd);
  throw new InvalidArgumentError('It must be a number of dollars, such as 0.0001.');
}

async function reconcile(file: string | undefined, options: ReconcileOptions): Promise<void> {
  const config = await findConfig(options);
  // Before anything is opened: a mistake in the file leaves all as it was.
  const account = file === undefined ? undefined : await readFileOf(file, chooseProvider(options, config.providers));
  const { openReconciliation } = await import('../../app/reconciliation.ts');
  const books = await openReconciliation(config);
  try {
    const mended = await books.countersMended();
    if (mended === undefined) {
      throw new GatewayError('storage_unavailable', 'The counters of limits could not be added up now.', {
        hint: 'Close the program that holds the database, and run the command again.',
      });
    }
    const compared = account && (await compare(books, account, options));
    const booked = compared && options.book ? await book(books, compared) : undefined;
    await report({ mended, compared, booked }, options.json ?? false);
    // As `diff` does it: what still differs is told by the exit code.
    if (compared && compared.differences.length > (booked === undefined ? 0 : correctable(compared)))
      process.exitCode = 1;
  } finally {
    await books.close();
  }
}

function chooseProvider({ provider }: ReconcileOptions, known: readonly { readonly id: string }[]): string {
  const [only, ...others] = known;
  if (provider === undefined && only && others.length === 0) return only.id;
  if (provider === undefined) {
    const options = known.map(({ id }) => `--provider ${id}`);
    throw usageError('Whose account it is has to be said.', `Name it: ${options.join(' or ') || '--provider openai'}`);
  }
  if (known.some(({ id }) => id === provider)) return provider;
  const names = known.map(({ id }) => id).join(', ');
  throw usageError(`There is no provider "${provider}".`, `The configuration has: ${names || 'none'}.`);
}

type Account = { readonly lines: readonly AccountLine[]; readonly provider: string };

async function readFileOf(path: string, provider: string): Promise<Account> {
  const { readAccount } = await import('../reconcile/read-account.ts');
  return { lines: await readAccount({ path, provider }), provider };
}

async function compare(
  books: Reconciliation,
  { lines, provider }: Account,
  options: ReconcileOptions,
): Promise<AccountComparison> {
  const { accountSpan } = await import('../reconcile/account-span.ts');
  const { isUnknown: isTimeUnknown, ...span } = accountSpan(lines, options);
  const { tolerance: toleranceNanoUsd = 0 } = options;
  const atMs = Math.min(span.toMs - 1, Date.now());
  return books.compare(lines, { provider, toleranceNanoUsd, atMs, span, isTimeUnknown });
}

function correctable({ differences }: AccountComparison): number {
  return differences.filter(({ correction }) => correction !== undefined).length;
}

function book(books: Reconciliation, { differences }: AccountComparison): Promise<number> {
  return books.book(differences.flatMap(({ correction }) => correction ?? []));
}

type Outcome = {
  readonly mended: number;
  readonly compared: AccountComparison | undefined;
  readonly booked: number | undefined;
};

async function report({ mended, compared, booked }: Outcome, json: boolean): Promise<void> {
  const { comparisonToJson, showComparison } = await import('../reconcile/show-comparison.ts');
  if (json) {
    return printJson({
      counters_mended: mended,
      ...(compared && comparisonToJson(compared)),
      ...(booked !== undefined && { corrections_booked: booked }),
    });
  }
  print(
    mended === 0
      ? 'The counters of limits agree with their rows.'
      : `Counters that were wrong and are mended: ${mended}.`,
  );
  if (compared) showComparison(compared);
  if (booked !== undefined) print(`Corrections booked: ${booked}.`);
  else if (compared && correctable(compared) > 0) note('signalbox: "--book" adds what differs to the books.');
}
