/**
 * Many processes through faults, cancels, kills, locks and clock steps, seed after seed; then the books against those
 * of the simulated vendors. `npm run reconcile -- --seeds 20`, or `--seed 7` to repeat one.
 */
import { parseArgs } from 'node:util';
import { runReconciliation } from '../test/support/reconcile/run.ts';

const USAGE = 'npm run reconcile -- [--seed N | --seeds N] [--rounds N] [--processes N] [--calls N]';

function readOptions() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string', default: '5' },
        rounds: { type: 'string', default: '4' },
        processes: { type: 'string', default: '4' },
        calls: { type: 'string', default: '150' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nUsage: ${USAGE}\n`);
    process.exit(2);
  }
}

const values = readOptions();
const first = values.seed === undefined ? Math.floor(Date.now() / 1_000) : Number(values.seed);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const size = { rounds: Number(values.rounds), processes: Number(values.processes), calls: Number(values.calls) };

for (let seed = first; seed < first + count; seed += 1) {
  const again = Object.entries(size).map(([name, value]) => `--${name} ${value}`);
  const isFound = await runSeed(seed);
  if (!isFound) continue;
  process.stdout.write(`repeat it with: npm run reconcile -- --seed ${seed} ${again.join(' ')}\n`);
  process.exitCode = 1;
}

/** True when something was found, or went wrong with the run itself. */
async function runSeed(seed: number): Promise<boolean> {
  const beganAtMs = performance.now();
  try {
    const { findings, audit, outcomes, kills } = await runReconciliation({ seed, ...size });
    const seconds = Math.round((performance.now() - beganAtMs) / 1_000);
    const told = JSON.stringify(outcomes);
    process.stdout.write(`seed ${seed}: ${findings.length} findings, ${kills} kills, ${seconds} s, ${told}\n`);
    for (const { quota, peak, limit, unweighed } of audit) {
      const why = unweighed > 0 ? `; ${unweighed} times by attempts that were not weighed, under a lock` : '';
      process.stdout.write(`  ${quota}: at most ${peak} of ${limit}${why}\n`);
    }
    for (const { invariant, what } of findings.slice(0, 40)) process.stdout.write(`  ${invariant} ${what}\n`);
    return findings.length > 0;
  } catch (error) {
    process.stdout.write(`seed ${seed}: ${error instanceof Error ? error.stack : error}\n`);
    return true;
  }
}
