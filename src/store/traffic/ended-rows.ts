import type { TrafficWindow } from '../../core/alerts.ts';
import { timeSlices } from '../costs/time-slices.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { BUCKET_MS, bucketOf, type Ended, EndedSums, type Sums } from './ended-sums.ts';

/** Read in one go; the event loop has room in between. */
const SLICE_ROWS = 10_000;
/** What took longer is not counted. */
const LASTED_MS_MAX = 20 * 60_000;
/** So many that run are remembered; of more at once some are not counted. */
const OPEN_ROWS_MAX = 100_000;
/** What a clock that was set back has dated later than this is not counted. */
const AHEAD_MS_MAX = 86_400_000;

/** A table whose rows begin, then end, and never change again. */
export type EndedTable<Name extends string> = {
  readonly name: 'requests' | 'attempts';
  /** Of the rows by time: see `timeSlices`. */
  readonly boundarySql: string;
  /** SQL of whom a row belongs to. */
  readonly owner: string;
  /** SQL of what is summed over many rows. */
  readonly sums: Readonly<Record<Name, string>>;
  /** SQL of which rows' latencies count. */
  readonly isAnswer: string;
};

type Known<Name extends string> = {
  readonly sums: EndedSums<Name>;
  /** What ended from here on is in the sums. */
  sinceMs: number;
  /** Of the newest row in the sums; 0 when there is none. */
  lastRowId: number;
  /** Its id; undefined when there is none. */
  lastId: string | undefined;
  /** Row ids of those before it that have not ended. */
  open: readonly number[];
};

/** Rows that ended in one bucket of time, or that have not ended. */
type Group<Name extends string> = Sums<Name> & {
  readonly owner: string;
  readonly bucket: number | null;
  readonly lastRowId: number;
  readonly latenciesMs: string;
  readonly open: string;
};

const BY_START = 'started_at_ms >= @fromMs AND started_at_ms < @toMs AND +rowid <= @until';
const BY_ROW = 'rowid > @after AND rowid <= @until';
const OPEN = 'rowid IN (SELECT value FROM json_each(@rowIds))';

/**
 * Sums of what ended lately, in all processes, for somebody who asks again and again. The first time all rows of that
 * time are read; later only those that are new and those that had not ended. New ones are found by their row id: it
 * rises with each row that is written, however long ago that began, so what a journal held back is found as well.
 *
 * Only rows that have not ended are ever deleted. So the newest ended row that is counted stands: no new row gets an id
 * below it, and above it nothing is counted yet, also where an id is given out again.
 */
export class EndedRows<Name extends string> {
  readonly #file: DatabaseFile;
  readonly #table: EndedTable<Name>;
  #known: Known<Name> | undefined;
  #overMsMax = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: DatabaseFile, table: EndedTable<Name>) {
    this.#file = file;
    this.#table = table;
  }

  /** By owner. Rejects with `storage_unavailable`. */
  within(window: TrafficWindow): Promise<ReadonlyMap<string, Ended<Name>>> {
    const look = this.#turn.then(() => this.#look(window));
    this.#turn = look.catch(() => undefined);
    return look;
  }

  async #look({ nowMs, overMs }: TrafficWindow): Promise<ReadonlyMap<string, Ended<Name>>> {
    this.#overMsMax = Math.max(this.#overMsMax, overMs);
    const sinceMs = bucketOf(nowMs - this.#overMsMax) * BUCKET_MS;
    const former = this.#known;
    // After a look that failed half-way nobody knows what is counted.
    this.#known = undefined;
    const known = former && (await this.#goesOn(former, sinceMs)) ? former : await this.#begin(sinceMs, nowMs);
    known.sinceMs = sinceMs;
    known.sums.forgetBefore(sinceMs);
    await this.#follow(known, nowMs);
    this.#known = known;
    return known.sums.since(nowMs - overMs);
  }

  /** Not when the clock went back, for a longer window, or in another database at the same path. */
  async #goesOn({ sinceMs: knownSinceMs, lastRowId, lastId }: Known<Name>, sinceMs: number): Promise<boolean> {
    return sinceMs >= knownSinceMs && lastId !== undefined && (await this.#idOf(lastRowId)) === lastId;
  }

  async #begin(sinceMs: number, nowMs: number): Promise<Known<Name>> {
    const { boundarySql, sums } = this.#table;
    const names = Object.keys(sums) as Name[];
    const known: Known<Name> = { sums: new EndedSums(names), sinceMs, lastRowId: 0, lastId: undefined, open: [] };
    // What comes meanwhile is read afterwards.
    const until = await this.#newestRowId();
    const span = { fromMs: sinceMs - LASTED_MS_MAX, toMs: nowMs + AHEAD_MS_MAX, rowsMax: SLICE_ROWS };
    for await (const slice of timeSlices(this.#file, { ...span, boundarySql })) {
      await this.#read(known, nowMs, { rows: BY_START, ...slice, until });
    }
    await this.#noteLast(known);
    return known;
  }

  /** Reads what was open, and all rows after the last ended one. */
  async #follow(known: Known<Name>, nowMs: number): Promise<void> {
    const { open, lastRowId, lastId } = known;
    if (lastId === undefined) return;
    known.open = [];
    for (let first = 0; first < open.length; first += SLICE_ROWS) {
      const rowIds = JSON.stringify(open.slice(first, first + SLICE_ROWS));
      await this.#read(known, nowMs, { rows: OPEN, rowIds });
    }
    const newest = await this.#newestRowId();
    for (let after = lastRowId; after < newest; after += SLICE_ROWS) {
      await this.#read(known, nowMs, { rows: BY_ROW, after, until: after + SLICE_ROWS });
    }
    await this.#noteLast(known);
  }

  /** What has not ended after the last ended row is read again in any case. */
  async #noteLast(known: Known<Name>): Promise<void> {
    known.open = known.open.filter((rowId) => rowId < known.lastRowId).slice(-OPEN_ROWS_MAX);
    known.lastId = await this.#idOf(known.lastRowId);
  }

  async #read(
    known: Known<Name>,
    nowMs: number,
    { rows, ...parameters }: { readonly rows: string; readonly [name: string]: string | number },
  ): Promise<void> {
    const sql = groupsOf(this.#table, rows);
    const groups = await this.#file.read(() =>
      this.#file.prepare<object, Group<Name>>(sql).all({ ...parameters, sinceMs: known.sinceMs }),
    );
    for (const group of groups) {
      const { owner, bucket, lastRowId, latenciesMs, open } = group;
      if (bucket === null) {
        known.open = known.open.concat(JSON.parse(open));
        continue;
      }
      known.lastRowId = Math.max(known.lastRowId, lastRowId);
      if (bucket > bucketOf(nowMs + AHEAD_MS_MAX)) continue;
      known.sums.add({ owner, bucket, sums: group, latenciesMs: JSON.parse(latenciesMs) });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #newestRowId(): Promise<number> {
    const sql = `SELECT coalesce(max(rowid), 0) AS rowId FROM ${this.#table.name}`;
    const row = await this.#file.read(() => this.#file.prepare<[], { rowId: number }>(sql).get());
    return row?.rowId ?? 0;
  }

  async #idOf(rowId: number): Promise<string | undefined> {
    const sql = `SELECT id FROM ${this.#table.name} WHERE rowid = ?`;
    const row = await this.#file.read(() => this.#file.prepare<[number], { id: string }>(sql).get(rowId));
    return row?.id;
  }
}

/** One statement for what ended and what did not: no row can be neither because it ends between two. */
function groupsOf<Name extends string>({ name, owner, sums, isAnswer }: EndedTable<Name>, rows: string): string {
  const summed = Object.entries<string>(sums).map(([as, sql]) => `${sql} AS ${as}`);
  return `
    SELECT ${owner} AS owner, ended_at_ms / ${BUCKET_MS} AS bucket, max(rowid) AS lastRowId, ${summed.join(', ')},
      json_group_array(latency_ms) FILTER (WHERE ended_at_ms IS NOT NULL AND ${isAnswer}) AS latenciesMs,
      json_group_array(rowid) FILTER (WHERE ended_at_ms IS NULL AND started_at_ms >= @sinceMs - ${LASTED_MS_MAX}) AS open
    FROM ${name} WHERE ${rows}
      AND (ended_at_ms IS NULL OR (ended_at_ms >= @sinceMs AND ended_at_ms - started_at_ms <= ${LASTED_MS_MAX}))
    GROUP BY owner, bucket`;
}
