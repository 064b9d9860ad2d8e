import { Buffer } from 'node:buffer';
import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import { isJsonObject } from '../../core/json/json.ts';
import { SITE_COLUMNS } from './site-inputs.ts';
import { NEW_LINE, type SiteLine } from './site-line.ts';
import { newSite, type SiteModel } from './site-model.ts';

/** Another form of the numbers, or other inputs, is another version. */
const VERSION = 1;
/** The last moment of a `Date` (ECMA-262, section 21.4.1.1). */
const TIME_MAX_MS = 8.64e15;

/** A site as JSON: some 45 KB, its weights as 32-bit floats in base64, in the order of bytes of this machine: no other shares its data folder. */
export function writeSite({ means, precisions, line, labels, learntAtMs, hits, hitSquares }: SiteModel): JsonObject {
  return {
    version: VERSION,
    labels,
    learntAtMs,
    hits,
    hitSquares,
    line: { ...line },
    means: toBase64(means),
    precisions: toBase64(precisions),
  };
}

/** The site that was written; a new one when there is none, it is damaged, or of another version. */
export function readSite(stored: JsonObject | undefined): SiteModel {
  const { version, labels, learntAtMs, hits, hitSquares, line, means, precisions } = stored ?? {};
  const weights = { means: fromBase64(means), precisions: fromBase64(precisions) };
  const lineRead = readLine(line);
  if (version !== VERSION || !isCount(labels) || !isTime(learntAtMs)) return newSite();
  if (!isNumber(hits) || !isCount(hitSquares)) return newSite();
  if (lineRead === undefined || weights.means === undefined || weights.precisions === undefined) return newSite();
  if (!weights.precisions.every((precision) => precision > 0)) return newSite();
  return { labels, learntAtMs, hits, hitSquares, line: lineRead, means: weights.means, precisions: weights.precisions };
}

function readLine(value: JsonValue | undefined): SiteLine | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined;
  const { level, levelPrecision, slope, slopePrecision, meanRoute } = value;
  if (!isNumber(level) || !isNumber(slope) || !isNumber(meanRoute)) return undefined;
  if (!isNumber(levelPrecision) || levelPrecision < NEW_LINE.levelPrecision) return undefined;
  if (!isNumber(slopePrecision) || slopePrecision < NEW_LINE.slopePrecision) return undefined;
  return { level, levelPrecision, slope, slopePrecision, meanRoute };
}

function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function fromBase64(text: JsonValue | undefined): Float32Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 4 * SITE_COLUMNS) return undefined;
  const values = new Float32Array(SITE_COLUMNS);
  new Uint8Array(values.buffer).set(bytes);
  return values.every(Number.isFinite) ? values : undefined;
}

function isNumber(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Milliseconds since 1970 that a `Date` can show. */
function isTime(value: JsonValue | undefined): value is number {
  return isCount(value) && value <= TIME_MAX_MS;
}

function isCount(value: JsonValue | undefined): value is number {
  return isNumber(value) && value >= 0;
}
