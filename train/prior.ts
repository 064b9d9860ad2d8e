import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile, OUTCOME_FILES, type Row, readRows, routingDataFolder } from './data.ts';
import { type Examples, takeExamples, toExamples } from './fit/examples.ts';
import { fitPrior, HYPERPARAMETERS, scoreExamples } from './fit/prior.ts';
import { type HeldOutScores, toPriorFile } from './fit/prior-file.ts';
import { foldsByStem, foldsByValue } from './folds.ts';
import { measureAuc } from './metric.ts';
import { meanGapRecovered } from './pairs.ts';

const SEED = 1;
const FOLDS = 5;
const PRIOR_FILE = join(import.meta.dirname, '../src/routing/complexity/prior.json');

/** Trains the shipped model on all rows and writes it with its manifest: what it was made of, and how well it does. */
function main(): void {
  const folder = routingDataFolder();
  if (folder === undefined) {
    process.stdout.write(
      'Skipped: SIGNALBOX_ROUTING_DATA is not set; it names the folder with the recorded outcomes.\n',
    );
    return;
  }
  const rows = readRows(folder);
  const examples = toExamples(rows);
  const heldOut = scoreHeldOut(rows, examples);
  const model = toPriorFile(fitPrior(examples), examples, heldOut);
  const manifest = {
    trainedOn: new Date().toISOString().slice(0, 10),
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

/** Each row by a model that has not seen its question. */
function scoreHeldOut(rows: readonly Row[], examples: Examples): HeldOutScores {
  const route = new Float64Array(rows.length);
  const failure = new Float64Array(rows.length);
  for (const { train, test } of foldsByStem(rows, FOLDS, SEED)) {
    const prior = fitPrior(takeExamples(examples, train));
    const judged = takeExamples(examples, test);
    const routeScores = scoreExamples(prior.route, prior, judged);
    const failureScores = scoreExamples(prior.failure, prior, judged);
    for (const [at, row] of test.entries()) {
      route[row] = routeScores[at] as number;
      failure[row] = failureScores[at] as number;
    }
  }
  return { route, failure };
}

function measure(rows: readonly Row[], examples: Examples, heldOut: HeldOutScores): object {
  const benchmarkOut = meanOf(
    foldsByValue(rows, ({ benchmark }) => benchmark).flatMap(({ train, test }) => {
      const prior = fitPrior(takeExamples(examples, train));
      const scores = [...scoreExamples(prior.route, prior, takeExamples(examples, test))];
      return (
        meanGapRecovered(
          test.map((row) => rows[row] as Row),
          scores,
        ) ?? []
      );
    }),
  );
  return {
    cheapFailsAucQuestionHeldOut: round(
      measureAuc(
        [...heldOut.failure],
        [...examples.cheapFails].map((share) => share >= 0.5),
      ),
    ),
    meanApgrBenchmarkLeftOut: round(benchmarkOut),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(value: number): number {
  return Number(value.toFixed(4));
}

main();
