/** Ends are told apart by so much, and a span of time begins up to so much early. */
export const BUCKET_MS = 5_000;
/** Percentiles are of the newest answers. */
const LATENCIES_MAX = 10_000;

export type Sums<Name extends string> = Readonly<Record<Name, number>>;

/** Sums over some rows that ended in one bucket of time. */
export type EndedPart<Name extends string> = {
  /** Whom the rows belong to. */
  readonly owner: string;
  /** When they ended, in whole `BUCKET_MS` since the epoch. */
  readonly bucket: number;
  readonly sums: Sums<Name>;
  /** Of those that count for percentiles. */
  readonly latenciesMs: readonly number[];
};

export type Ended<Name extends string> = {
  readonly sums: Sums<Name>;
  /** Absent without a latency. */
  readonly latencyMsP95?: number;
};

type Latency = { readonly bucket: number; readonly latencyMs: number };

/** What ended, summed by owner and by when, so that a span of time can move on without anything read again. */
export class EndedSums<Name extends string> {
  readonly #names: readonly Name[];
  readonly #buckets = new Map<number, Map<string, Record<Name, number>>>();
  readonly #latencies = new Map<string, Latency[]>();

  constructor(names: readonly Name[]) {
    this.#names = names;
  }

  add({ owner, bucket, sums, latenciesMs }: EndedPart<Name>): void {
    const owners = this.#buckets.get(bucket) ?? new Map<string, Record<Name, number>>();
    this.#buckets.set(bucket, owners);
    this.#addTo(owners, owner, sums);
    if (latenciesMs.length === 0) return;
    // Not copied: a day has 17,280 buckets.
    const latencies = this.#latencies.get(owner) ?? [];
    for (const latencyMs of latenciesMs) latencies.push({ bucket, latencyMs });
    this.#latencies.set(owner, latencies.length > 2 * LATENCIES_MAX ? newest(latencies) : latencies);
  }

  forgetBefore(atMs: number): void {
    const first = bucketOf(atMs);
    for (const bucket of this.#buckets.keys()) if (bucket < first) this.#buckets.delete(bucket);
    for (const [owner, latencies] of this.#latencies) {
      const left = latencies.filter(({ bucket }) => bucket >= first);
      if (left.length > 0) this.#latencies.set(owner, left);
      else this.#latencies.delete(owner);
    }
  }

  /** By owner; without those of whom nothing ended since then. */
  since(atMs: number): ReadonlyMap<string, Ended<Name>> {
    const first = bucketOf(atMs);
    const sums = new Map<string, Record<Name, number>>();
    for (const [bucket, owners] of this.#buckets) {
      if (bucket < first) continue;
      for (const [owner, part] of owners) this.#addTo(sums, owner, part);
    }
    const ended = new Map<string, Ended<Name>>();
    for (const [owner, own] of sums) {
      const latencies = newest(this.#latencies.get(owner) ?? []).filter(({ bucket }) => bucket >= first);
      const latencyMsP95 = percentile95(latencies);
      ended.set(owner, { sums: own, ...(latencyMsP95 !== undefined && { latencyMsP95 }) });
    }
    return ended;
  }

  #addTo(totals: Map<string, Record<Name, number>>, owner: string, part: Sums<Name>): void {
    const total =
      totals.get(owner) ?? (Object.fromEntries(this.#names.map((name) => [name, 0])) as Record<Name, number>);
    totals.set(owner, total);
    for (const name of this.#names) total[name] += part[name];
  }
}

export function bucketOf(atMs: number): number {
  return Math.floor(atMs / BUCKET_MS);
}

function newest(latencies: Latency[]): Latency[] {
  if (latencies.length <= LATENCIES_MAX) return latencies;
  return latencies.toSorted((left, right) => right.bucket - left.bucket).slice(0, LATENCIES_MAX);
}

/** One of them, as `percentile_disc` of SQLite has it. */
function percentile95(latencies: readonly Latency[]): number | undefined {
  const sorted = Float64Array.from(latencies, ({ latencyMs }) => latencyMs).sort();
  return sorted[Math.floor(0.95 * (sorted.length - 1))];
}
