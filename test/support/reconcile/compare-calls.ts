import type { ScriptedUsage } from '../../../src/demo/vendors/scripted.ts';
import type { Evidence, Finding } from './evidence.ts';
import type { BookedAttempt } from './signalbox-books.ts';
import type { VendorEntry } from './vendor-books.ts';

type TaggedAttempt = BookedAttempt & { readonly tag: string };
type Work = { readonly tag: string; readonly entries: VendorEntry[]; readonly attempts: TaggedAttempt[] };

/**
 * Every call of a vendor's books against the attempts of ours: as many (I1, I2), the same tokens (I4), and those
 * that were cut booked by an estimate (I8).
 */
export function compareCalls(evidence: Evidence): readonly Finding[] {
  const work = workOf(evidence);
  return [
    ...work.flatMap((one) => compareCounts(evidence, one)),
    ...work.flatMap((one) => compareUsages(evidence, one)),
    ...compareSums(evidence, work),
  ];
}

/** What belongs together: the calls of one tag at one vendor. */
function workOf({ vendors, books }: Evidence): readonly Work[] {
  const tags = new Map(books.requests.map(({ id, tag }) => [id, tag]));
  const work = new Map<string, Work>();
  const of = (tag: string, provider: string): Work => {
    const name = `${tag} ${provider}`;
    const known = work.get(name) ?? { tag, entries: [], attempts: [] };
    work.set(name, known);
    return known;
  };
  for (const entry of vendors) of(entry.tag, entry.provider).entries.push(entry);
  for (const attempt of books.attempts) {
    const tag = tags.get(attempt.requestId) ?? '';
    of(tag, attempt.provider).attempts.push({ ...attempt, tag });
  }
  return [...work.values()];
}

function compareCounts(evidence: Evidence, { tag, entries, attempts }: Work): readonly Finding[] {
  const surplus = attempts.length - entries.length;
  if (surplus === 0) return [];
  const counts = `work ${tag}: the vendor received ${entries.length} calls, booked are ${rowsOf(attempts)}, told was ${JSON.stringify(evidence.told.filter((told) => told.tag === tag))}`;
  if (surplus < 0) return [{ invariant: 'I1', what: counts }];
  // Durable before bytes leave: who was killed or called off in between left a row, and no call.
  const mayBeUnseen = attempts.filter((attempt) => mayBeUnseenAtVendor(evidence, attempt));
  return surplus <= mayBeUnseen.length ? [] : [{ invariant: 'I2', what: counts }];
}

function mayBeUnseenAtVendor({ cancelled, killed }: Evidence, { tag, status }: TaggedAttempt): boolean {
  if (killed.has(tag) && (status === 'pending' || status === 'unknown')) return true;
  return (cancelled.has(tag) || killed.has(tag)) && status === 'cancelled';
}

/** Each answer that was billed in full, against a row of its own with the same tokens. */
function compareUsages(evidence: Evidence, { tag, entries, attempts }: Work): readonly Finding[] {
  const findings: Finding[] = [];
  const settled = attempts.filter(({ status, source }) => status === 'settled' && source === 'reported');
  const left = new Set(settled);
  const late = new Set(attempts.filter(wasGivenUp));
  for (const entry of entries) {
    const { billed } = entry;
    if (!billed) continue;
    const match = [...left].find((attempt) => matches(attempt, entry, billed));
    const tooLate = match ? undefined : [...late].find((attempt) => isOf(attempt, entry));
    if (match) left.delete(match);
    else if (tooLate) late.delete(tooLate);
    else if (!evidence.cancelled.has(tag) && !evidence.killed.has(tag)) {
      findings.push({ invariant: 'I4', what: `work ${tag}: ${textOf(entry)} is not booked so; ${rowsOf(attempts)}` });
    }
  }
  for (const attempt of left) {
    // Where a connection breaks behind the last byte the answer is whole, and nobody knows but who read it.
    const perhaps = ({ perhapsBilled, ...entry }: VendorEntry) =>
      perhapsBilled && matches(attempt, entry, perhapsBilled);
    if (entries.some(perhaps)) continue;
    findings.push({ invariant: 'I4', what: `work ${tag}: ${rowsOf([attempt])} is billed by nobody so` });
  }
  return findings;
}

/** On a machine that is busy an answer may be given up that its vendor has sent, and bills: it is booked by estimate. */
function wasGivenUp({ error, source }: BookedAttempt): boolean {
  return error === 'provider_timeout' && source !== 'reported';
}

function isOf(attempt: BookedAttempt, { model, key }: VendorEntry): boolean {
  return attempt.model === model && key.endsWith(`-${attempt.key}`);
}

function matches(attempt: BookedAttempt, entry: VendorEntry, usage: ScriptedUsage): boolean {
  return (
    (entry.id === undefined || attempt.vendorId === entry.id) &&
    isOf(attempt, entry) &&
    TOKEN_CLASSES.every((name) => attempt[name] === usage[name])
  );
}

const TOKEN_CLASSES = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
] as const;

/** By model, where nobody left, was killed or gave up and no connection broke: a difference of 0 in every class. */
function compareSums(evidence: Evidence, work: readonly Work[]): readonly Finding[] {
  const isSure = ({ tag, entries, attempts }: Work) =>
    !evidence.cancelled.has(tag) &&
    !evidence.killed.has(tag) &&
    !attempts.some(wasGivenUp) &&
    entries.every(({ perhapsBilled }) => !perhapsBilled);
  const whole = work.filter(isSure);
  const theirs = sums(whole.flatMap(({ entries }) => entries.map(({ model, billed }) => ({ model, ...billed }))));
  const ours = sums(
    whole.flatMap(({ attempts }) =>
      attempts.filter(({ status, source }) => status === 'settled' && source === 'reported'),
    ),
  );
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((name) =>
    (theirs.get(name) ?? 0n) === (ours.get(name) ?? 0n)
      ? []
      : [{ invariant: 'I4', what: `${name}: ${theirs.get(name) ?? 0n} by the vendor, ${ours.get(name) ?? 0n} booked` }],
  );
}

function sums(rows: readonly ({ readonly model: string } & Partial<ScriptedUsage>)[]): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const row of rows) {
    for (const name of TOKEN_CLASSES) {
      const total = (totals.get(`${row.model} ${name}`) ?? 0n) + BigInt(row[name] ?? 0);
      totals.set(`${row.model} ${name}`, total);
    }
  }
  return totals;
}

function textOf({ model, key, id, billed }: VendorEntry): string {
  return `the call ${id ?? ''} of ${model} with ${key}, ${JSON.stringify(billed)},`;
}

function rowsOf(attempts: readonly BookedAttempt[]): string {
  return JSON.stringify(attempts.map(({ requestId: _request, priceVersion: _version, ...row }) => row));
}
