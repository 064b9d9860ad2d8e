/** `11-21 01:23:22`, with its year where that is not the present one: `2025-11-21 01:23:22`. */
export function toUtcSecond(time: number | string, nowMs: number = Date.now()): string {
  const iso = new Date(time).toISOString();
  const isThisYear = iso.slice(0, 4) === new Date(nowMs).toISOString().slice(0, 4);
  return iso.slice(isThisYear ? 5 : 0, 19).replace('T', ' ');
}
