import type { PromptFeatures } from '../complexity/extract-features.ts';
import { standardOf } from '../complexity/prior.ts';
import { SURFACE_NAMES } from '../complexity/surface.ts';

/** What a site's weights stand on: distinct columns and their values. */
export type SiteInputs = { readonly columns: Uint16Array; readonly values: Float64Array };

/** Hashed words fold into fewer columns than the shipped model has buckets: a site has few labels. A power of two. */
const WORD_COLUMNS = 4_096;
const SURFACE_COLUMNS = SURFACE_NAMES.length;
/** Squares of all surface features together are about the square of this, those of the words 1. */
const SURFACE_SHARE = 0.3;

export const SITE_COLUMNS: number = SURFACE_COLUMNS + WORD_COLUMNS;

const slotOf = new Int16Array(WORD_COLUMNS).fill(-1);
const columnsRead = new Uint16Array(WORD_COLUMNS);
const countsRead = new Uint16Array(WORD_COLUMNS);

/** Reads the features of a prompt as a site's model sees them. */
export function readSiteInputs({ surface, buckets }: PromptFeatures): SiteInputs {
  let count = 0;
  let squares = 0;
  for (const bucket of buckets) {
    const column = bucket % WORD_COLUMNS;
    let slot = slotOf[column] as number;
    if (slot < 0) {
      slot = count;
      slotOf[column] = slot;
      columnsRead[slot] = column;
      countsRead[slot] = 0;
      count += 1;
    }
    squares += 2 * (countsRead[slot] as number) + 1;
    countsRead[slot] = (countsRead[slot] as number) + 1;
  }
  const columns = new Uint16Array(SURFACE_COLUMNS + count);
  const values = new Float64Array(SURFACE_COLUMNS + count);
  const share = SURFACE_SHARE / Math.sqrt(SURFACE_COLUMNS);
  for (let at = 0; at < SURFACE_COLUMNS; at += 1) {
    columns[at] = at;
    values[at] = standardOf(surface, at) * share;
  }
  const scale = 1 / Math.sqrt(Math.max(1, squares));
  for (let slot = 0; slot < count; slot += 1) {
    const column = columnsRead[slot] as number;
    columns[SURFACE_COLUMNS + slot] = SURFACE_COLUMNS + column;
    values[SURFACE_COLUMNS + slot] = (countsRead[slot] as number) * scale;
    slotOf[column] = -1;
  }
  return { columns, values };
}
