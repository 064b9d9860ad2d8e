import { nanoUsd } from '../../core/money.ts';
import {
  type Admission,
  NO_QUOTA_USE,
  type QuotaClaim,
  type QuotaRefusal,
  type QuotaUse,
  usedOf,
} from '../../core/quota.ts';
import type { DatabaseFile } from '../file/database-file.ts';

/** Whether an attempt may be booked, and with how much: its claims as granted, or who refused. */
export type Verdict =
  | {
      readonly type: 'admitted';
      readonly claims: readonly QuotaClaim[];
      readonly admission: Admission;
    }
  | { readonly type: 'refused'; readonly admission: Admission };

/**
 * Weighs claims against what is used, inside the transaction that would reserve them. Money shrinks to what the
 * tightest budget has left as long as that is of use, and every budget reserves the same; all must allow.
 */
export function weighClaims(file: DatabaseFile, claims: readonly QuotaClaim[]): Verdict {
  const weighed = claims.map((claim) => ({ claim, use: readUse(file, claim) }));
  const refusals = weighed
    .filter(({ claim, use }) => roomOf(claim, use) < claim.amountMin)
    .map((refused) => ({ ...refused, ...freeAt(file, refused) }));
  if (refusals.length > 0) return { type: 'refused', admission: { type: 'refused', refusals } };
  const money = weighed.filter(({ claim }) => claim.unit === 'nano_usd');
  if (money.length === 0) return { type: 'admitted', claims, admission: { type: 'admitted' } };
  const granted = Math.min(...money.map(({ claim, use }) => grantOf(claim, roomOf(claim, use))));
  return {
    type: 'admitted',
    claims: weighed.map(({ claim, use }) => (claim.unit === 'nano_usd' ? grantedTo(claim, granted, use) : claim)),
    admission: { type: 'admitted', grantedNanoUsd: nanoUsd(granted) },
  };
}

/** A soft limit only asks whether it is reached already: what is under way may overshoot it. */
function leftOf({ limit, mode, amount }: QuotaClaim, use: QuotaUse): number {
  const limitNow = limit + use.extended;
  if (mode === 'hard') return limitNow - usedOf(use);
  return use.settled + use.unknown < limitNow ? amount : -1;
}

/** With what a person allows. */
function roomOf(claim: QuotaClaim, use: QuotaUse): number {
  const left = leftOf(claim, use);
  return Math.max(left, claim.allowed ?? left);
}

/** A soft limit lets pass whom a person allows it as it is: more of it would let in everybody meanwhile. */
function grantedTo(claim: QuotaClaim, amount: number, use: QuotaUse): QuotaClaim {
  const added = usedOf(use) + amount - claim.limit - use.extended;
  const isExtended = claim.allowed !== undefined && claim.mode === 'hard' && added > 0;
  return isExtended ? { ...claim, amount, added } : { ...claim, amount };
}

/** So much of what is left one attempt may take beyond what is usual. */
const SHARE_MAX = 0.25;

/** A soft limit keeps nobody out while it is not reached, so it need not cut anything. */
function grantOf({ amount, amountMin, amountUsual = amount, mode }: QuotaClaim, left: number): number {
  if (mode === 'soft') return amount;
  const fair = Math.max(amountMin, amountUsual, Math.floor(left * SHARE_MAX));
  return Math.min(amount, left, fair);
}

const READ_PARTS = `
  SELECT coalesce(sum(settled), 0) AS settled, coalesce(sum(reserved), 0) AS reserved,
    coalesce(sum(unknown), 0) AS unknown, coalesce(sum(extended), 0) AS extended, coalesce(sum(unpriced), 0) AS unpriced
  FROM quota_counters WHERE quota = ? AND key = ? AND bucket_ms >= ? AND bucket_ms < ?`;

/** Names the parts of a window that count together. */
type Place = Pick<QuotaClaim, 'quota' | 'key' | 'fromMs' | 'bucketMs' | 'keptMs'>;

/** What a limit stands at. */
export function readUse(file: DatabaseFile, place: Place): QuotaUse {
  const { quota, key, fromMs } = place;
  return file.prepare<unknown[], QuotaUse>(READ_PARTS).get(quota, key, fromMs, endOf(place)) ?? NO_QUOTA_USE;
}

/**
 * Of a calendar window all that began in it counts, also shorter ones that the limit had before. Of a rolling one parts
 * that lie ahead count as well: a clock that was set back does not give anything away.
 */
function endOf({ fromMs, bucketMs, keptMs }: Place): number {
  return fromMs === bucketMs ? bucketMs + Math.max(keptMs, 1) : Number.MAX_SAFE_INTEGER;
}

const TRIM = `
  UPDATE quota_counters SET extended = extended - min(extended, ?) WHERE quota = ? AND key = ? AND bucket_ms = ?`;

/** What was added for a claim and is not used by now is for nobody else. Inside the caller's transaction. */
export function takeBackUnused(file: DatabaseFile, claim: QuotaClaim): void {
  const use = readUse(file, claim);
  const free = Math.max(0, claim.limit + use.extended - usedOf(use));
  file.prepare<unknown[]>(TRIM).run(free, claim.quota, claim.key, claim.bucketMs);
}

type Part = { readonly bucketMs: number; readonly used: number };

const READ_USED_PARTS = `
  SELECT bucket_ms AS bucketMs, settled + unknown - extended AS used FROM quota_counters
  WHERE quota = ? AND key = ? AND bucket_ms >= ? ORDER BY bucket_ms`;

/** When the clock alone will have freed enough; nothing when it never will. */
function freeAt(
  file: DatabaseFile,
  { claim, use }: { readonly claim: QuotaClaim; readonly use: QuotaUse },
): Pick<QuotaRefusal, 'freeAtMs'> {
  const wanted = claim.mode === 'hard' ? claim.amountMin : 1;
  if (wanted > claim.limit || claim.unit === 'concurrency') return {};
  if (claim.fromMs === claim.bucketMs) return { freeAtMs: claim.bucketMs + claim.keptMs };
  const used = claim.mode === 'hard' ? usedOf(use) : use.settled + use.unknown;
  let missing = used + wanted - claim.limit - use.extended;
  for (const part of file.prepare<unknown[], Part>(READ_USED_PARTS).all(claim.quota, claim.key, claim.fromMs)) {
    missing -= part.used;
    if (missing <= 0) return { freeAtMs: part.bucketMs + claim.keptMs };
  }
  // The rest is under way: at the latest the whole window is over.
  return { freeAtMs: claim.bucketMs + claim.keptMs };
}
