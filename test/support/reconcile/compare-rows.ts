import type { Evidence, Finding, KnownPrice } from './evidence.ts';
import type { BookedAttempt, BookedRequest } from './signalbox-books.ts';

/** What must hold of every request and attempt by itself, and of what its caller was told. */
export function compareRows(evidence: Evidence): readonly Finding[] {
  const { books } = evidence;
  const attemptsOf = Map.groupBy(books.attempts, ({ requestId }) => requestId);
  const requests = new Map(books.requests.map((request) => [request.id, request]));
  return [
    ...books.requests.flatMap((request) => checkRequest(evidence, request, attemptsOf.get(request.id) ?? [], requests)),
    ...books.attempts.flatMap((attempt) => [
      ...checkEnding(evidence, attempt, requests),
      ...checkCost(evidence, attempt),
    ]),
    ...evidence.told.flatMap((told) => checkTold(told, requests, attemptsOf)),
  ];
}

function checkRequest(
  { attemptsMax }: Evidence,
  request: BookedRequest,
  attempts: readonly BookedAttempt[],
  requests: ReadonlyMap<string, BookedRequest>,
): readonly Finding[] {
  const { id, tag, tenant, status, cache, coalescedInto } = request;
  const isFree = cache === 'hit' || cache === 'coalesced';
  const shared = requests.get(coalescedInto ?? '');
  return findings([
    ['I6', attempts.length > attemptsMax, `request ${id} made ${attempts.length} attempts`],
    ['I18', status === null, `request ${id} of work ${tag} never ended`],
    [
      'I7',
      status === 'success' && !isFree && !attempts.some((attempt) => attempt.status === 'settled'),
      `request ${id} of work ${tag} succeeded without a settled attempt: ${statusesOf(attempts)}`,
    ],
    ['I15', cache === 'hit' && attempts.length > 0, `request ${id} was answered from the cache and called a vendor`],
    ['I17', coalescedInto !== null && attempts.length > 0, `request ${id} shared a call and made one of its own`],
    [
      'I17',
      coalescedInto !== null && (shared?.tag !== tag || shared.tenant !== tenant),
      `request ${id} of work ${tag} shared the call of ${coalescedInto}, which is of other work or of another tenant`,
    ],
  ]);
}

/** I8, I18: nothing stays open; what may have been billed is never free. */
function checkEnding(
  { prices }: Evidence,
  attempt: BookedAttempt,
  requests: ReadonlyMap<string, BookedRequest>,
): readonly Finding[] {
  const { id, status, source, endedAtMs, inputTokens, costNanoUsd } = attempt;
  const where = `attempt ${id} of work ${requests.get(attempt.requestId)?.tag ?? 'unknown'}, ${status}`;
  const isPaid = (prices.get(attempt.model)?.input ?? 0) > 0;
  const isCut = (status === 'truncated' || status === 'cancelled' || status === 'unknown') && endedAtMs !== null;
  return findings([
    ['I18', status === 'pending', `${where}, never ended`],
    ['I1', !requests.has(attempt.requestId), `${where}, has no request`],
    ['I8', isCut && source !== 'estimated' && source !== 'partial', `${where}, has usage of source ${source}`],
    ['I8', isCut && inputTokens <= 0, `${where}, has no input`],
    ['I8', isCut && isPaid && costNanoUsd === 0, `${where}, was booked as free`],
    ['I8', status === 'unknown' && endedAtMs === null && costNanoUsd === 0, `${where}, was freed as nothing`],
    ['I5', status === 'failed_unbilled' && costNanoUsd !== 0, `${where}, cost ${costNanoUsd}`],
  ]);
}

/** I14, I20: the cost is that of the tokens to the nano-dollar, and of an unknown price it is unknown. */
function checkCost({ prices }: Evidence, attempt: BookedAttempt): readonly Finding[] {
  const { id, model, status, costNanoUsd, reservedNanoUsd, endedAtMs, priceVersion } = attempt;
  const price = prices.get(model);
  const where = `attempt ${id} of ${model}, ${status}`;
  if (status === 'pending' || status === 'failed_unbilled' || endedAtMs === null) return [];
  const cost = price === undefined ? null : costIn(price, attempt);
  return findings([
    ['I14', (priceVersion === null) !== (price === undefined), `${where}, has the price version ${priceVersion}`],
    ['I14', cost === null && costNanoUsd !== null, `${where}, costs ${costNanoUsd} at an unknown price`],
    ['I20', cost !== null && costNanoUsd !== cost, `${where}, costs ${cost} and is booked with ${costNanoUsd}`],
    [
      'I10',
      costNanoUsd !== null && reservedNanoUsd !== null && costNanoUsd > reservedNanoUsd,
      `${where}, cost ${costNanoUsd}, more than the ${reservedNanoUsd} it could at most: ${JSON.stringify(attempt)}`,
    ],
  ]);
}

/** By whole numbers of any size, rounded half up once. */
function costIn({ input, cachedInput, cacheWrite, output }: KnownPrice, attempt: BookedAttempt): number {
  const scaled =
    BigInt(attempt.inputTokens) * BigInt(input) +
    BigInt(attempt.cachedInputTokens) * BigInt(cachedInput) +
    BigInt(attempt.cacheWriteTokens) * BigInt(cacheWrite) +
    BigInt(attempt.outputTokens) * BigInt(output);
  return Number((scaled + 500_000n) / 1_000_000n);
}

/** I1, I6: whoever was told of an answer finds it in the books. */
function checkTold(
  { tag, outcome, requestId, attempts, costNanoUsd, diedLater }: Evidence['told'][number],
  requests: ReadonlyMap<string, BookedRequest>,
  attemptsOf: ReadonlyMap<string, readonly BookedAttempt[]>,
): readonly Finding[] {
  // A defect of ours, whatever went wrong elsewhere.
  if (outcome === 'internal') return [{ invariant: 'F57', what: `work ${tag} was told of a defect within` }];
  if (requestId === undefined) return [];
  const request = requests.get(requestId);
  // Nothing was paid for it, so nobody waited until its row was durable.
  if (!request && diedLater && outcome === 'cached') return [];
  if (!request) return [{ invariant: 'I1', what: `work ${tag} was told "${outcome}" of ${requestId}: no such row` }];
  const own = attemptsOf.get(requestId) ?? [];
  const sum = own.reduce<number | null>(
    (total, { costNanoUsd: cost }) => (total === null || cost === null ? null : total + cost),
    0,
  );
  const answered = outcome === 'answered' || outcome === 'cached' || outcome === 'coalesced';
  return findings([
    [
      'I1',
      // Who was killed right after it answered did not get to say how the request ended; its attempts are booked.
      answered && request.endedAtMs !== null && request.status !== 'success',
      `work ${tag} was answered, the books say ${request.status}`,
    ],
    [
      'I1',
      outcome === 'answered' && !own.some(({ status }) => status === 'settled'),
      `work ${tag} was answered, its attempts are booked as ${statusesOf(own)}`,
    ],
    ['I6', attempts !== undefined && attempts !== own.length, `work ${tag} made ${attempts}, booked ${own.length}`],
    [
      'I19',
      costNanoUsd !== undefined && costNanoUsd !== sum,
      `work ${tag} was told a cost of ${costNanoUsd}, booked ${sum}`,
    ],
  ]);
}

function statusesOf(attempts: readonly BookedAttempt[]): string {
  return attempts.map(({ status, error }) => `${status} ${error ?? ''}`).join(', ');
}

function findings(
  checks: readonly (readonly [invariant: string, broken: boolean, what: string])[],
): readonly Finding[] {
  return checks.flatMap(([invariant, broken, what]) => (broken ? [{ invariant, what }] : []));
}
