import type { CostGroup, CostQuery, CostReport, CostTotals, OpenCost } from '../../core/costs.ts';
import type { DatabaseFile } from '../file/database-file.ts';
import { PredictionTally, readPredictions } from './cost-prediction.ts';
import { addTotals, NO_COSTS, readSums } from './cost-sums.ts';
import { readOpenCosts } from './open-costs.ts';
import { requestSlices } from './time-slices.ts';

const SLICE_REQUESTS = 4_000;

/**
 * Sums of requests, attempts and corrections by when their request started. The totals are the sums of the
 * groups, so the two can never differ.
 */
export async function readCosts(file: DatabaseFile, query: CostQuery): Promise<CostReport> {
  const { tenant, fromMs, toMs, groupBy, openMax = 0 } = query;
  const groups = new Map<string, CostTotals>();
  const predictions = new PredictionTally();
  let open: readonly OpenCost[] = [];
  let openCount = 0;
  for await (const slice of requestSlices(file, { fromMs, toMs, rowsMax: SLICE_REQUESTS })) {
    // One transaction, so that all of it is of the same moment.
    const readSlice = () =>
      file.database.transaction(() => ({
        sums: readSums(file, { tenant, groupBy, slice }),
        predicted: readPredictions(file, { tenant, slice }),
        openCosts: readOpenCosts(file, { tenant, slice, limit: openMax }),
      }))();
    const { sums, predicted, openCosts } = await file.read(readSlice);
    for (const { key, ...part } of sums) groups.set(key, addTotals(groups.get(key) ?? NO_COSTS, part));
    predictions.add(predicted);
    // Slices come in the order of time: the newest are the last.
    open = [...openCosts.newest, ...open].slice(0, openMax);
    openCount += openCosts.count;
  }
  return {
    totals: [...groups.values()].reduce(addTotals, NO_COSTS),
    groups: groupBy ? [...groups].map(([key, totals]) => ({ key, ...totals })).sort(orderOf(groupBy)) : [],
    prediction: predictions.sum(),
    open,
    openCount,
  };
}

/** Times in their order, anything else the dearest first. */
function orderOf(group: CostGroup) {
  return (left: CostTotals & { readonly key: string }, right: CostTotals & { readonly key: string }): number => {
    const byKey = left.key < right.key ? -1 : 1;
    if (group === 'day' || group === 'hour') return byKey;
    return right.costNanoUsd - left.costNanoUsd || right.requests - left.requests || byKey;
  };
}
