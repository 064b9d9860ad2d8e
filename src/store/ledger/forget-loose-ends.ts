import type { DatabaseFile } from '../file/database-file.ts';
import { pause } from '../file/pause.ts';
import type { WriteQueue } from '../file/write-queue.ts';

/** A journal is read within days at the latest; older notes have done their work. */
const KEPT_MS = 7 * 86_400_000;
/** Rows of one commit, few enough not to hold the event loop. */
const PART_ROWS = 500;

const FORGET = `
  DELETE FROM loose_ends WHERE id IN (SELECT id FROM loose_ends WHERE noted_at_ms < ? - ${KEPT_MS} LIMIT ${PART_ROWS})`;

type Parts = { readonly file: DatabaseFile; readonly queue: WriteQueue; readonly nowMs: number };

/** Removes old notes: each attempt that was taken back leaves one, such as to a provider that nobody has started. */
export async function forgetLooseEnds(parts: Parts): Promise<void> {
  while (await forgetPart(parts)) await pause(5, 10);
}

/** False when nothing was left. */
function forgetPart({ file, queue, nowMs }: Parts): Promise<boolean> {
  const forget = () => file.prepare<[number]>(FORGET).run(nowMs).changes === PART_ROWS;
  // Not worth waiting for a lock.
  return queue.change(forget, () => false);
}
