import type { SignalboxBooks } from './signalbox-books.ts';
import type { VendorEntry } from './vendor-books.ts';

/** What a worker was told of one of its calls. */
export type Told = {
  readonly tag: string;
  /** `answered`, `cached`, `coalesced`, or the code of the error. */
  readonly outcome: string;
  readonly requestId?: string;
  /** Attempts whose bytes left. */
  readonly attempts?: number;
  /** Null: a price is unknown. */
  readonly costNanoUsd?: number | null;
  /** Its process was killed afterwards: what it had only begun to write may be lost. */
  readonly diedLater?: boolean;
};

/** Whole nano-dollars for a million tokens. */
export type KnownPrice = {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
};

/** All that is known of a run when everything in it has ended. */
export type Evidence = {
  readonly vendors: readonly VendorEntry[];
  readonly books: SignalboxBooks;
  readonly told: readonly Told[];
  /** Work whose caller left, or whose time was up. */
  readonly cancelled: ReadonlySet<string>;
  /** Work that was under way in a process that was killed. */
  readonly killed: ReadonlySet<string>;
  /** By model; one without is unpriced. */
  readonly prices: ReadonlyMap<string, KnownPrice>;
  readonly attemptsMax: number;
};

/** A broken invariant of `reliability.md`, and where. */
export type Finding = { readonly invariant: string; readonly what: string };
