import type { Row } from './data.ts';
import { meanOf } from './mean-of.ts';

/** By model: how much its failures tell of a prompt. */
export type ModelWeights = ReadonlyMap<string, number>;

type Columns = { readonly failures: readonly number[]; readonly rest: readonly number[] };

/**
 * How far each model's failures on one benchmark agree with those of all others, times their
 * spread: the discrimination of item response theory, estimated by correlation with the rest. A
 * model that fails for its own reasons, such as not keeping to the form of an answer, says little
 * of the question.
 */
export function weighByAgreement(rows: readonly Row[]): ModelWeights {
  const models = new Set(rows.flatMap(({ outcomes }) => Object.keys(outcomes)));
  return new Map([...models].map((model) => [model, agreementOf(columnsOf(rows, model))]));
}

function columnsOf(rows: readonly Row[], model: string): Columns {
  const failures: number[] = [];
  const rest: number[] = [];
  for (const { outcomes } of rows) {
    const own = outcomes[model];
    const others = Object.entries(outcomes).filter(([name]) => name !== model);
    if (own === undefined || others.length === 0) continue;
    failures.push(1 - own);
    rest.push(1 - others.reduce((sum, [, score]) => sum + score, 0) / others.length);
  }
  return { failures, rest };
}

function agreementOf({ failures, rest }: Columns): number {
  const meanFailure = meanOf(failures);
  const meanRest = meanOf(rest);
  let shared = 0;
  let spread = 0;
  for (const [row, failure] of failures.entries()) {
    const distance = (rest[row] as number) - meanRest;
    shared += (failure - meanFailure) * distance;
    spread += distance * distance;
  }
  // Correlation times the spread of the failures is the covariance by the spread of the rest.
  return spread === 0 ? 0 : Math.max(0, shared / Math.sqrt(spread * failures.length));
}
