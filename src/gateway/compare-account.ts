import { hash } from 'node:crypto';
import type { AccountComparison, AccountDifference, AccountFigures, AccountLine } from '../core/account.ts';
import { addAll } from '../core/collections/add-all.ts';
import type { Correction, CostRow } from '../core/costs.ts';
import { GatewayError } from '../core/errors.ts';
import { type ModelRef, modelRef, type ProviderId } from '../core/model.ts';
import { summedNanoUsd, ZERO_USD } from '../core/money.ts';

export type AccountOptions = {
  readonly provider: ProviderId;
  /** Costs that differ by no more count as equal: accounts are often rounded. */
  readonly toleranceNanoUsd: number;
  /** When something was used of which neither the account nor the books say it; wall clock. */
  readonly atMs: number;
  /** The time that the account is of, from inclusive, to exclusive. */
  readonly span: { readonly fromMs: number; readonly toMs: number };
  /** The span is only a guess: calls before and behind all that the account names are left out. */
  readonly isTimeUnknown: boolean;
};

/** What is compared of a line of the books. */
export type UsedRow = Pick<
  CostRow,
  'id' | 'record' | 'attemptId' | 'startedAtMs' | 'model' | 'providerRequestId' | keyof BookedFigures
>;
type BookedFigures = Pick<CostRow, 'inputTokens' | 'outputTokens' | 'costNanoUsd'>;

/** What belongs together: one call, or all of a model, on one day or altogether. */
type Group = {
  readonly model: ModelRef;
  readonly requestId?: string;
  readonly day?: string;
  readonly lines: AccountLine[];
  readonly rows: UsedRow[];
};

/**
 * Compares a provider's account with the books: call by call where it names them, else by the sums of models and
 * days. `rows` may begin before the account and end behind it. Pure. Throws `invalid_request` for an account of which
 * only some lines name a call.
 */
export function compareAccount(
  lines: readonly AccountLine[],
  rows: readonly UsedRow[],
  options: AccountOptions,
): AccountComparison {
  const own = within(rows, options);
  const byRequest = lines.filter(({ requestId }) => requestId !== undefined).length;
  if (byRequest > 0 && byRequest < lines.length) {
    throw new GatewayError('invalid_request', `Only ${byRequest} of ${lines.length} lines name the request.`, {
      hint: 'Export usage either for each request or in sums.',
    });
  }
  const byDay = byRequest === 0 && lines.length > 0 && lines.every(({ atMs }) => atMs !== undefined);
  const groups = byRequest > 0 ? groupByRequest(lines, own, options) : groupByModel(lines, own, { ...options, byDay });
  const compared = groups.map((group) => compareGroup(group, options));
  const differences = compared.flatMap((difference) => difference ?? []);
  return {
    by: byRequest > 0 ? 'request' : byDay ? 'model and day' : 'model',
    lines: lines.length,
    equal: compared.length - differences.length,
    differences,
    theirs: sumOf(lines),
    ours: completed(sumOf(groups.flatMap((group) => group.rows.map(toFigures)))),
  };
}

/**
 * A line of the books as far as it is compared; undefined where it is none of the provider's use: of that are corrections,
 * and attempts that have ended and may be billed. The books of a month are many lines, and hold much more in each.
 */
export function toUsedRow(row: CostRow, { provider }: Pick<AccountOptions, 'provider'>): UsedRow | undefined {
  if (row.provider !== provider || !isUse(row)) return undefined;
  const { id, record, attemptId, startedAtMs, model, providerRequestId } = row;
  const { inputTokens, outputTokens, costNanoUsd } = row;
  return { id, record, attemptId, startedAtMs, model, providerRequestId, inputTokens, outputTokens, costNanoUsd };
}

function isUse({ record, status }: CostRow): boolean {
  return record === 'correction' || (record === 'attempt' && status !== 'pending' && status !== 'failed_unbilled');
}

/** What was used in the time of the account; a correction counts when what it corrects was used. */
function within(rows: readonly UsedRow[], { span: { fromMs, toMs } }: AccountOptions): readonly UsedRow[] {
  const isInTime = ({ startedAtMs }: UsedRow) => startedAtMs >= fromMs && startedAtMs < toMs;
  const attempts = new Set(
    rows.filter((row) => row.record === 'attempt' && isInTime(row)).map(({ attemptId }) => attemptId),
  );
  return rows.filter((row) => (row.attemptId === null ? isInTime(row) : attempts.has(row.attemptId)));
}

function groupByRequest(
  lines: readonly AccountLine[],
  rows: readonly UsedRow[],
  { provider, isTimeUnknown }: AccountOptions,
): readonly Group[] {
  const groups = new Map<string, Group>();
  const loose = Map.groupBy(
    rows.filter(({ attemptId }) => attemptId === null),
    ({ id }) => id.slice(0, id.lastIndexOf('-')),
  );
  const models = new Set(rows.flatMap(({ model }) => model ?? []));
  const groupOf = (model: ModelRef, requestId: string): Group => {
    const group = groups.get(requestId) ?? { model, requestId, lines: [], rows: [] };
    groups.set(requestId, group);
    return group;
  };
  for (const line of lines) groupOf(ourName(line.model, provider, models), line.requestId ?? '').lines.push(line);
  for (const row of rows) {
    const { providerRequestId, model } = row;
    if (providerRequestId !== null && model !== null) groupOf(model, providerRequestId).rows.push(row);
  }
  for (const group of groups.values()) {
    // What was booked earlier for a call that the books know nothing else of.
    if (group.rows.length === 0) addAll(group.rows, loose.get(placeId(group)) ?? []);
  }
  const all = [...groups.values()];
  return isTimeUnknown ? withinAccount(all) : all;
}

/** Without those that began before or after every call of the account. */
function withinAccount(groups: readonly Group[]): readonly Group[] {
  const named = groups.filter((group) => group.lines.length > 0).flatMap((group) => group.rows.map(startOf));
  // Without spreading them: an account may have more calls than a function may have arguments.
  const first = named.reduce((earliest, atMs) => Math.min(earliest, atMs), Number.POSITIVE_INFINITY);
  const last = named.reduce((latest, atMs) => Math.max(latest, atMs), Number.NEGATIVE_INFINITY);
  const isWithin = (row: UsedRow) => startOf(row) >= first && startOf(row) <= last;
  return groups.filter((group) => group.lines.length > 0 || group.rows.some(isWithin));
}

function startOf({ startedAtMs }: UsedRow): number {
  return startedAtMs;
}

function groupByModel(
  lines: readonly AccountLine[],
  rows: readonly UsedRow[],
  { provider, byDay }: AccountOptions & { readonly byDay: boolean },
): readonly Group[] {
  const groups = new Map<string, Group>();
  const models = new Set(rows.flatMap(({ model }) => model ?? []));
  // A correction counts on the day of what it corrects.
  const attempts = rows.filter(({ record }) => record === 'attempt');
  const usedAt = new Map(attempts.map(({ attemptId, startedAtMs }) => [attemptId, startedAtMs]));
  const groupOf = (model: ModelRef, atMs: number | undefined): Group => {
    const day = byDay && atMs !== undefined ? new Date(atMs).toISOString().slice(0, 10) : undefined;
    const name = `${model} ${day ?? ''}`;
    const group = groups.get(name) ?? { model, ...(day !== undefined && { day }), lines: [], rows: [] };
    groups.set(name, group);
    return group;
  };
  for (const line of lines) groupOf(ourName(line.model, provider, models), line.atMs).lines.push(line);
  for (const row of rows) {
    const atMs = row.attemptId === null ? row.startedAtMs : usedAt.get(row.attemptId);
    if (row.model !== null) groupOf(row.model, atMs).rows.push(row);
  }
  return [...groups.values()];
}

/** `gpt-6-luna-2026-10-01` is what the books have as `openai/gpt-6-luna`, unless they have the dated one too. */
function ourName(name: string, provider: ProviderId, models: ReadonlySet<ModelRef>): ModelRef {
  const ref = name.startsWith(`${provider}/`) ? (name as ModelRef) : modelRef(provider, name);
  if (models.has(ref)) return ref;
  const undated = ref.replace(/[-@]\d{4}-?\d{2}-?\d{2}$/, '') as ModelRef;
  return models.has(undated) ? undated : ref;
}

function compareGroup(group: Group, options: AccountOptions): AccountDifference | undefined {
  const { model, requestId, day, lines, rows } = group;
  const theirs = sumOf(lines);
  const ours = sumOf(rows.map(toFigures));
  const place = { model, ...(requestId !== undefined && { requestId }), ...(day !== undefined && { day }) };
  if (lines.length === 0) {
    const isFree = completed(ours).costNanoUsd === 0;
    return isFree ? undefined : { kind: 'not_billed', ...place, theirs, ours };
  }
  if (isEqual(theirs, ours, options)) return undefined;
  const kind = rows.length === 0 ? 'not_booked' : 'differs';
  return { kind, ...place, theirs, ours, correction: correctionOf(group, { theirs, ours, options }) };
}

function isEqual(theirs: AccountFigures, ours: AccountFigures, { toleranceNanoUsd }: AccountOptions): boolean {
  const { costNanoUsd, inputTokens, outputTokens } = theirs;
  if (costNanoUsd !== undefined) {
    // A cost that the books do not know is not equal to nothing.
    if (ours.costNanoUsd === undefined) return false;
    if (Math.abs(costNanoUsd - ours.costNanoUsd) > toleranceNanoUsd) return false;
  }
  if (inputTokens !== undefined && inputTokens !== (ours.inputTokens ?? 0)) return false;
  return outputTokens === undefined || outputTokens === (ours.outputTokens ?? 0);
}

/** What has to be added to the books; the same one for the same account, so that booking twice changes nothing. */
function correctionOf(
  group: Group,
  { theirs, ours, options }: { theirs: AccountFigures; ours: AccountFigures; options: AccountOptions },
): Correction {
  const { model, requestId, day, lines, rows } = group;
  const { provider } = options;
  const attempt = requestId === undefined ? undefined : rows.find(({ record }) => record === 'attempt');
  const missing = (name: 'inputTokens' | 'outputTokens') =>
    theirs[name] === undefined ? 0 : theirs[name] - (ours[name] ?? 0);
  const cost = theirs.costNanoUsd === undefined ? undefined : theirs.costNanoUsd - (ours.costNanoUsd ?? 0);
  const atMs = lines[0]?.atMs ?? options.atMs;
  const what = requestId === undefined ? [model, day].filter(Boolean).join(' on ') : `request ${requestId}`;
  const figures = { inputTokens: missing('inputTokens'), outputTokens: missing('outputTokens') };
  const change = { ...figures, ...(cost !== undefined && { costNanoUsd: summedNanoUsd(cost) }) };
  return {
    id: `${placeId(group)}-${digest([theirs, ours])}`,
    of: attempt?.attemptId ? { attemptId: attempt.attemptId } : { provider, model, atMs },
    ...change,
    reason: `the account of ${provider}, ${what}`,
  };
}

/** Begins the id of every correction of one call, or of one sum. */
function placeId({ model, requestId = '', day = '' }: Group): string {
  return `account-${digest(requestId === '' ? [model, day] : [requestId])}`;
}

function digest(value: object): string {
  return hash('sha256', JSON.stringify(value)).slice(0, 24);
}

function toFigures({ inputTokens, outputTokens, costNanoUsd }: BookedFigures): AccountFigures {
  return { inputTokens, outputTokens, ...(costNanoUsd !== null && { costNanoUsd }) };
}

/** A figure is absent when no line has it. */
function sumOf(lines: readonly AccountFigures[]): AccountFigures {
  const sum = (name: keyof AccountFigures): number | undefined =>
    lines.reduce<number | undefined>((total, line) => {
      const value = line[name];
      return value === undefined ? total : (total ?? 0) + value;
    }, undefined);
  const [inputTokens, outputTokens, cost] = [sum('inputTokens'), sum('outputTokens'), sum('costNanoUsd')];
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(cost !== undefined && { costNanoUsd: summedNanoUsd(cost) }),
  };
}

function completed({ inputTokens = 0, outputTokens = 0, costNanoUsd = ZERO_USD }: AccountFigures) {
  return { inputTokens, outputTokens, costNanoUsd };
}
