import type { CostPrediction } from '../../core/costs.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { requestsOf } from './cost-sums.ts';
import type { TimeSlice } from './time-slices.ts';

/** How far off an expectation was is counted in thousandths of what was paid; beyond a hundred times it is as bad. */
const SHARE_PARTS = 1_000;
const OFF_PARTS_MAX = 100 * SHARE_PARTS;

type Predicted = { readonly offParts: number; readonly attempts: number; readonly aboveMax: number };

/** Attempts by how far their expected cost was above (below: negative) what they cost. */
const predictions = (tenant: string | undefined) => `
  SELECT
    min(${OFF_PARTS_MAX}, CAST(round((a.expected_nano_usd - a.cost_nano_usd) * ${SHARE_PARTS}.0 / a.cost_nano_usd) AS INTEGER))
      AS offParts,
    count(*) AS attempts,
    coalesce(sum(a.cost_nano_usd > a.reserved_nano_usd), 0) AS aboveMax
  FROM requests AS r JOIN attempts AS a ON a.request_id = r.id
  WHERE ${requestsOf(tenant)} AND a.status = 'settled' AND a.error IS NULL AND a.cost_nano_usd > 0
    AND a.expected_nano_usd IS NOT NULL
  GROUP BY 1`;

export function readPredictions(
  file: DatabaseFile,
  { tenant, slice }: { readonly tenant: string | undefined; readonly slice: TimeSlice },
): readonly Predicted[] {
  return file.prepare<object, Predicted>(predictions(tenant)).all({ tenant, ...slice });
}

/** Adds up slices of any number of attempts in bounded memory. */
export class PredictionTally {
  readonly #attemptsByOffParts = new Map<number, number>();
  #aboveMax = 0;

  add(slice: readonly Predicted[]): void {
    for (const { offParts, attempts, aboveMax } of slice) {
      this.#attemptsByOffParts.set(offParts, (this.#attemptsByOffParts.get(offParts) ?? 0) + attempts);
      this.#aboveMax += aboveMax;
    }
  }

  sum(): CostPrediction {
    const signed = [...this.#attemptsByOffParts];
    const medianBias = medianOf(signed);
    const medianError = medianOf(signed.map(([offParts, attempts]) => [Math.abs(offParts), attempts] as const));
    return {
      attempts: signed.reduce((sum, [, attempts]) => sum + attempts, 0),
      ...(medianError !== undefined && { medianError: medianError / SHARE_PARTS }),
      ...(medianBias !== undefined && { medianBias: medianBias / SHARE_PARTS }),
      aboveMax: this.#aboveMax,
    };
  }
}

/** The lower median of values that occur so many times. */
function medianOf(counted: readonly (readonly [value: number, times: number])[]): number | undefined {
  const sorted = [...counted].sort(([left], [right]) => left - right);
  const all = sorted.reduce((sum, [, times]) => sum + times, 0);
  let passed = 0;
  for (const [value, times] of sorted) {
    passed += times;
    if (passed * 2 >= all) return value;
  }
  return undefined;
}
