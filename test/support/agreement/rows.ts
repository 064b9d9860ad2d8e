import { isDeepStrictEqual } from 'node:util';
import type { Verification } from '../../../src/core/verification.ts';
import type { Finding } from '../reconcile/evidence.ts';
import { withLedger } from '../reconcile/signalbox-books.ts';

export type AttemptRow = {
  readonly id: string;
  readonly request_id: string;
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  /** Null: it was asked for the answer. */
  readonly role: string | null;
  readonly status: string;
  readonly error: string | null;
  readonly first_token_ms: number | null;
  readonly usage_source: string | null;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly cost_nano_usd: number | null;
};

/** A request with its attempts, in their order, as the books have them. */
export type RequestRow = {
  readonly id: string;
  readonly kind: string;
  readonly tenant: string;
  readonly client: string;
  readonly tier: string | null;
  readonly task: string | null;
  readonly strategy: string;
  readonly rule: string | null;
  readonly cache: string;
  readonly status: string | null;
  readonly model: string | null;
  readonly error: string | null;
  readonly saved_nano_usd: number | null;
  readonly config_hash: string;
  readonly verification: string | null;
  readonly coalesced_into: string | null;
  /** Null: its process was killed before. */
  readonly ended_at_ms: number | null;
  readonly attempts: readonly AttemptRow[];
};

/** In the order in which they are told: a peer, which is asked at the same time as the first, behind it. */
const READ_ATTEMPTS = `
  SELECT * FROM attempts
  ORDER BY CASE role WHEN 'peer' THEN 1 WHEN 'escalation' THEN 2 ELSE 0 END, started_at_ms, id`;

export function readRows(dataDir: string): readonly RequestRow[] {
  return withLedger(dataDir, (database) => {
    const requests = database.prepare<[], Omit<RequestRow, 'attempts'>>('SELECT * FROM requests ORDER BY id').all();
    const attempts = database.prepare<[], AttemptRow>(READ_ATTEMPTS).all();
    const attemptsOf = Map.groupBy(attempts, ({ request_id }) => request_id);
    return requests.map((request) => ({ ...request, attempts: attemptsOf.get(request.id) ?? [] }));
  });
}

/** In whole nano-dollars; null when an attempt may be billed at a price that nobody knows. */
export function costOf(attempts: readonly AttemptRow[]): number | null {
  return attempts.reduce<number | null>((sum, { cost_nano_usd: cost, status }) => {
    if (cost === null && status !== 'failed_unbilled') return null;
    return sum === null ? null : sum + (cost ?? 0);
  }, 0);
}

/** The attempt whose tokens are those of the request: it answered, or else was the last that used any. */
export function tellingAttempt({ status, model, attempts }: RequestRow): AttemptRow | undefined {
  if (status === 'success') return attempts.findLast((attempt) => attempt.model === model && attempt.role !== 'peer');
  return attempts.findLast(({ usage_source }) => usage_source !== null && usage_source !== 'none');
}

export function verificationOf({ verification }: RequestRow): Verification | undefined {
  return verification === null ? undefined : JSON.parse(verification);
}

export function inputOf(row: AttemptRow | undefined): number {
  return row ? row.input_tokens + row.cached_input_tokens + row.cache_write_tokens : 0;
}

/** By name, what is said and what has to be. */
type Pairs = Readonly<Record<string, readonly [said: unknown, due: unknown]>>;

export function differing(where: string, pairs: Pairs): readonly Finding[] {
  return Object.entries(pairs).flatMap(([name, [said, due]]) => {
    if (isDeepStrictEqual(said, due)) return [];
    return [
      { invariant: 'I23', what: `${where}: ${name} is ${JSON.stringify(said)}, by the books ${JSON.stringify(due)}` },
    ];
  });
}
