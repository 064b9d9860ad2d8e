const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const SIZE_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 2 ** 10,
  kib: 2 ** 10,
  mb: 2 ** 20,
  mib: 2 ** 20,
  gb: 2 ** 30,
  gib: 2 ** 30,
};
const DURATION_MS_MAX = 3_650 * 86_400_000;

/** `"7d"`, `"1.5h"`, `"90s"` in milliseconds; undefined for other text, nothing, or over ten years. */
export function parseDurationMs(text: string): number | undefined {
  const durationMs = scaled(text, DURATION_MS);
  return durationMs !== undefined && durationMs >= 1 && durationMs <= DURATION_MS_MAX ? durationMs : undefined;
}

/** `"256MB"`, `"1.5 GB"`, `"4096"` in bytes (a kilobyte has 1,024); undefined for other text. */
export function parseSizeBytes(text: string): number | undefined {
  const sizeBytes = scaled(text, SIZE_BYTES);
  return sizeBytes !== undefined && Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, figure, unit = ''] = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([A-Za-z]*)\s*$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  return figure === undefined || factor === undefined ? undefined : Math.round(Number(figure) * factor);
}
