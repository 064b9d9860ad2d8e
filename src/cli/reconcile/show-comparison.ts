import type { AccountComparison, AccountDifference, AccountFigures } from '../../core/account.ts';
import { type SignedNanoUsd, summedNanoUsd, toUsd } from '../../core/money.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import { formatCount, formatPlural } from '../../mcp/rendering/format.ts';
import { foreign, renderPairs, renderTable } from '../output/table.ts';
import { print } from '../output/terminal.ts';

/** So many differences tell what is wrong; `--json` has them all. */
const ROWS_MAX = 30;

const KINDS: Readonly<Record<AccountDifference['kind'], string>> = {
  differs: 'differs',
  not_booked: 'not in the books',
  not_billed: 'not in the account',
};

/** What a comparison found, for people. */
export function showComparison({ by, lines, equal, differences, theirs, ours }: AccountComparison): void {
  print(
    renderPairs([
      ['compared', `${formatPlural(lines, 'line')}, by ${by}`],
      ['equal', formatCount(equal)],
      ['different', formatCount(differences.length)],
      ['the account', textOf(theirs)],
      ['the books', textOf(ours)],
      ...differenceOf(theirs, ours),
    ]),
  );
  if (differences.length === 0) return;
  print('');
  print(
    renderTable(
      [
        {
          head: 'what',
          cell: ({ requestId, day, model }) => foreign(requestId ?? [model, day].filter(Boolean).join(' ')),
        },
        { head: 'finding', cell: ({ kind }) => KINDS[kind] },
        {
          head: 'account',
          cell: ({ kind, theirs: figures }) => costText(figures, kind === 'not_billed'),
          align: 'right',
        },
        { head: 'books', cell: ({ kind, ours: figures }) => costText(figures, kind === 'not_booked'), align: 'right' },
        { head: 'tokens', cell: tokensText, flexible: true },
      ],
      differences.slice(0, ROWS_MAX),
    ),
  );
  if (differences.length > ROWS_MAX) print(`and ${formatCount(differences.length - ROWS_MAX)} more; --json has all.`);
}

/** Only of what the account says: what it leaves out is not compared. */
function differenceOf(
  { costNanoUsd }: AccountFigures,
  ours: AccountComparison['ours'],
): readonly (readonly [string, string])[] {
  if (costNanoUsd === undefined) return [];
  return [['difference', formatUsd(toUsd(summedNanoUsd(costNanoUsd - ours.costNanoUsd)))]];
}

function textOf({ costNanoUsd, inputTokens, outputTokens }: AccountFigures): string {
  const cost = costNanoUsd === undefined ? [] : [formatUsd(toUsd(costNanoUsd))];
  const input = inputTokens === undefined ? [] : [`${formatCount(inputTokens)} in`];
  const output = outputTokens === undefined ? [] : [`${formatCount(outputTokens)} out`];
  return [...cost, ...input, ...output].join(', ');
}

function costText({ costNanoUsd }: AccountFigures, isAbsent: boolean): string {
  if (isAbsent) return '-';
  return costNanoUsd === undefined ? 'unknown' : formatUsd(toUsd(costNanoUsd));
}

function tokensText({ theirs, ours }: AccountDifference): string {
  const compared = [
    { name: 'in', there: theirs.inputTokens, here: ours.inputTokens },
    { name: 'out', there: theirs.outputTokens, here: ours.outputTokens },
  ];
  return compared
    .filter(({ there, here }) => there !== undefined && there !== (here ?? 0))
    .map(({ name, there = 0, here = 0 }) => `${formatCount(there)} ${name}, booked ${formatCount(here)}`)
    .join('; ');
}

/** The same for programs, with every difference; money in dollars and in whole nano-dollars. */
export function comparisonToJson({ by, lines, equal, differences, theirs, ours }: AccountComparison): object {
  return {
    by: by.replaceAll(' ', '_'),
    lines,
    equal,
    account: toJson(theirs),
    books: toJson(ours),
    differences: differences.map((difference) => ({
      kind: difference.kind,
      model: difference.model,
      ...(difference.requestId !== undefined && { provider_request_id: difference.requestId }),
      ...(difference.day !== undefined && { day: difference.day }),
      account: toJson(difference.theirs),
      books: toJson(difference.ours),
      correctable: difference.correction !== undefined,
    })),
  };
}

function toJson({ inputTokens, outputTokens, costNanoUsd }: AccountFigures): object {
  return {
    ...(inputTokens !== undefined && { input_tokens: inputTokens }),
    ...(outputTokens !== undefined && { output_tokens: outputTokens }),
    ...costJson(costNanoUsd),
  };
}

function costJson(costNanoUsd: SignedNanoUsd | undefined): object {
  return costNanoUsd === undefined ? {} : { cost_usd: toUsd(costNanoUsd), cost_nano_usd: costNanoUsd };
}
