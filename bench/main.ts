/**
 * Prints what has a limit: start, idle memory, a cached answer, a routing decision; the first
 * two beside a bare server on the same SDK, bundled and started the same way in the same run.
 * Run by `npm run bench`, on a machine that does nothing else.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { sampleInside } from './inside.ts';
import { median } from './median.ts';
import { type StartSample, sampleStart } from './stdio-start.ts';

const RUNS = 9;
const repository = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));

try {
  const servers = { signalbox: join(repository, 'dist/bin/signalbox.cjs'), bare: await buildBareServer() };
  const first = { signalbox: await start(servers.signalbox), bare: await start(servers.bare) };
  const samples: Record<keyof typeof servers, StartSample[]> = { signalbox: [], bare: [] };
  // In turns, so that whatever else the machine does meets both.
  for (let run = 0; run < RUNS; run++) {
    samples.signalbox.push(await start(servers.signalbox));
    samples.bare.push(await start(servers.bare));
  }
  print(
    `Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}; medians of ${RUNS}`,
  );
  print('');
  row('on stdio', 'signalbox', 'bare SDK server', 'limit');
  const { signalbox, bare } = samples;
  const startMs = (all: StartSample[]) => `${median(all.map(({ toolsListMs }) => toolsListMs)).toFixed(0)} ms`;
  const idle = (all: StartSample[]) => `${median(all.map(({ idleMegabytes }) => idleMegabytes)).toFixed(0)} MB`;
  row('start to tools/list, the very first', startMs([first.signalbox]), startMs([first.bare]), '');
  row('start to tools/list', startMs(signalbox), startMs(bare), '500 ms');
  row('idle memory', idle(signalbox), idle(bare), '120 MB');
  print('');
  row('inside', 'median', '99th percentile', 'limit');
  for (const [name, { medianMicroseconds, p99Microseconds }] of Object.entries(await sampleInside())) {
    const limit = name.startsWith('complete') ? '3,000 µs' : '100 µs';
    row(name, `${medianMicroseconds.toFixed(1)} µs`, `${p99Microseconds.toFixed(1)} µs`, limit);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A user with the example configuration and every key, and a compile cache of this run's own. */
function start(file: string): Promise<StartSample> {
  const { PATH } = process.env;
  const keys = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY', 'GROQ_API_KEY'];
  return sampleStart(file, {
    PATH,
    ...Object.fromEntries(keys.map((name) => [name, 'not-a-key'])),
    SIGNALBOX_CONFIG: join(repository, 'mcp.config.json'),
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
  });
}

async function buildBareServer(): Promise<string> {
  const output = join(folder, 'bare');
  const bundle = await rolldown({ input: join(repository, 'bench/bare-server.ts'), platform: 'node' });
  mkdirSync(output);
  await bundle.write({ dir: output, format: 'esm', entryFileNames: 'server.mjs' });
  await bundle.close();
  const launcher = join(output, 'start.cjs');
  writeFileSync(launcher, "require('module').enableCompileCache();\nimport('./server.mjs');\n");
  return launcher;
}

function row(...cells: [string, string, string, string]): void {
  const [name, ...figures] = cells;
  print(name.padEnd(38) + figures.map((figure) => figure.padStart(18)).join(''));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
