import { GatewayError } from '../core/errors.ts';
import type { ModelInfo } from '../core/model.ts';
import { addUsd, usdBetween, ZERO_USD } from '../core/money.ts';
import { costOf } from '../core/price.ts';
import type { CostReportAnswer, CostReportQuery } from './gateway.ts';
import { findModel } from './list-models.ts';
import { reportBudgets } from './money/budget-report.ts';
import type { GatewayParts } from './parts.ts';

/** What the books say of a period; against a baseline only when the caller names one. */
export async function costReport(parts: GatewayParts, query: CostReportQuery): Promise<CostReportAnswer> {
  const { baseline: baselineName, viewer, ...period } = query;
  const baseline = baselineName === undefined ? undefined : await pricedModel(parts, baselineName);
  const report = await parts.ledger.costs(period);
  const budgets = await reportBudgets({
    budgets: parts.spendingLimits.budgets,
    ledger: parts.ledger,
    nowMs: parts.clock.nowMs(),
    ...(viewer && { viewer }),
  });
  const { fromMs, toMs } = query;
  if (!baseline) return { ...report, budgets, fromMs, toMs };
  let costNanoUsd = ZERO_USD;
  for await (const usage of parts.ledger.usages(period))
    costNanoUsd = addUsd(costNanoUsd, costOf(usage, baseline.price));
  const savedUsd = usdBetween(report.totals.costNanoUsd, costNanoUsd);
  return { ...report, budgets, fromMs, toMs, baseline: { model: baseline.ref, costNanoUsd, savedUsd } };
}

type PricedModel = ModelInfo & Required<Pick<ModelInfo, 'price'>>;

async function pricedModel(parts: GatewayParts, name: string): Promise<PricedModel> {
  const model = await findModel(parts, name);
  if (!model.price) {
    throw new GatewayError('price_unknown', `The baseline ${model.ref} has no known price.`, {
      hint: 'Name a model with a price (list_models shows them), or give it one in the configuration.',
    });
  }
  return { ...model, price: model.price };
}
