import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile, OUTCOME_FILES, type Row, readRows, requireRoutingData } from './data.ts';
import { type Examples, takeExamples, toExamples } from './fit/examples.ts';
import { fitPrior, HYPERPARAMETERS, scoreExamples } from './fit/prior.ts';
import { type HeldOutScores, toPriorFile } from './fit/prior-file.ts';
import { type Fold, foldsByStem, foldsByValue } from './folds.ts';
import { scoreHeldOut } from './held-out-prior.ts';
import { meanOf } from './mean-of.ts';
import { measureAuc } from './metric.ts';
import { meanGapRecovered } from './pairs.ts';

const SEED = 1;
const FOLDS = 5;
const PRIOR_FILE = join(import.meta.dirname, '../src/routing/complexity/prior.json');

/** Trains the shipped model on all rows and writes it with its manifest: what it was made of, and how well it does. */
function main(): void {
  const folder = requireRoutingData();
  if (folder === undefined) return;
  const rows = readRows(folder);
  const examples = toExamples(rows);
  // Each row by a model that has not seen its question.
  const heldOut = scoreHeldOut(examples, foldsByStem(rows, FOLDS, SEED));
  const model = toPriorFile(fitPrior(examples), examples, heldOut);
  const manifest = {
    rows: rows.length,
    data: OUTCOME_FILES.map((file) => ({ file, sha256: hashFile(folder, file) })),
    seed: SEED,
    folds: FOLDS,
    hyperparameters: HYPERPARAMETERS,
    metrics: measure(rows, examples, heldOut),
  };
  writeFileSync(PRIOR_FILE, `${JSON.stringify({ manifest, ...model }, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(manifest.metrics, null, 2)}\nWritten: ${PRIOR_FILE}\n`);
}

function measure(rows: readonly Row[], examples: Examples, heldOut: HeldOutScores): object {
  const setsOut = foldsByValue(rows, ({ benchmark }) => benchmark).flatMap((fold) => measureFold(rows, examples, fold));
  const familiesOut = foldsByValue(rows, ({ family }) => family).flatMap((fold) => measureFold(rows, examples, fold));
  const familyOut = (benchmark: string) => familiesOut.find((measured) => measured.benchmark === benchmark)?.apgr ?? 0;
  return {
    cheapFailsAucQuestionHeldOut: round(
      measureAuc(
        [...heldOut.failure],
        [...examples.cheapFails].map((share) => share >= 0.5),
      ),
    ),
    meanApgrQuestionSetLeftOut: round(meanOf(setsOut.map(({ apgr }) => apgr))),
    apgrFamilyLeftOut: { gsm8k: round(familyOut('gsm8k')), mmlu: round(familyOut('mmlu')) },
  };
}

/** The route head on the question sets of a fold that have a pair of models. */
function measureFold(
  rows: readonly Row[],
  examples: Examples,
  { train, test }: Fold,
): readonly { readonly benchmark: string; readonly apgr: number }[] {
  const prior = fitPrior(takeExamples(examples, train));
  const scores = scoreExamples(prior.route, prior, takeExamples(examples, test));
  const places = Map.groupBy([...test.keys()], (at) => (rows[test[at] as number] as Row).benchmark);
  return [...places].flatMap(([benchmark, at]) => {
    const judged = at.map((place) => rows[test[place] as number] as Row);
    const apgr = meanGapRecovered(
      judged,
      at.map((place) => scores[place] as number),
    );
    return apgr === undefined ? [] : { benchmark, apgr };
  });
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

main();
