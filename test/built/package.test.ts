import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MCP_CLIENTS } from '../support/mcp-clients.ts';
import { findOldNode } from '../support/old-node.ts';

const dist = join(import.meta.dirname, '../../dist');
const oldNode = findOldNode();
const folder = mkdtempSync(join(tmpdir(), 'signalbox-package-'));
const installed = join(folder, 'node_modules/signalbox');
const environment = {
  HOME: folder,
  // Without this repository's node_modules/.bin in it.
  PATH: [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)].join(delimiter),
};
let packed: { readonly filename: string; readonly files: readonly { readonly path: string }[] };

beforeAll(() => {
  [packed] = JSON.parse(npm(dist, 'pack', '--json', '--pack-destination', folder)) as [typeof packed];
  npm(
    folder,
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    join(folder, packed.filename),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds the bundle, the launcher and the documents, nothing else', () => {
  const paths = packed.files.map(({ path }) => path.replace(/^chunks\/.+\.mjs$/, 'chunks/*.mjs'));
  expect([...new Set(paths)].filter((path) => !/^docs\/[\w-]+\.md$/.test(path)).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'THIRD-PARTY-NOTICES',
    'bin/signalbox.cjs',
    'chunks/*.mjs',
    'complexity.d.mts',
    'complexity.mjs',
    'docs/mcp.config.schema.json',
    'main.mjs',
    'mcp.config.json',
    'package.json',
  ]);
});

it('depends on better-sqlite3 alone, and runs nothing at install', () => {
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(Object.keys(manifest.dependencies ?? {})).toEqual(['better-sqlite3']);
  expect(manifest).not.toHaveProperty('scripts');
  expect(manifest).not.toHaveProperty('optionalDependencies');
});

it('is a library for the scorer too', () => {
  const program = `
    import { fitPair, scorePrompt } from 'signalbox/complexity';
    const score = fitPair([{ prompt: 'x', weak: 1, strong: 1 }]);
    console.log(JSON.stringify([typeof scorePrompt('What is 2 + 2?').tier, Number.isFinite(score('What is 2 + 2?'))]));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder });
  expect(JSON.parse(output.toString())).toEqual(['string', true]);
});

it.each(['README.md', 'CHANGELOG.md', 'mcp.config.json', 'docs/mcp.config.schema.json'])(
  'holds every document that %s sends to, and those they link',
  (file) => {
    const missing: string[] = [];
    const seen = new Set<string>();
    const look = (path: string) => {
      if (seen.has(path)) return;
      seen.add(path);
      if (!existsSync(join(installed, path))) return missing.push(path);
      const text = readFileSync(join(installed, path), 'utf8');
      for (const [name] of text.matchAll(/\bdocs\/[\w.-]+\.(?:md|json)\b/g)) look(name);
      if (path.startsWith('docs/')) for (const [, near] of text.matchAll(/\]\(([\w.-]+)\)/g)) look(`docs/${near}`);
      return;
    };
    look(file);
    expect(seen.size).toBeGreaterThan(1);
    expect(missing).toEqual([]);
  },
);

it.each(['nodenext', 'esnext'])('has types for the scorer, and no others: strict TypeScript, --module %s', (module) => {
  const program = `
    import { fitPair, type LabelledPrompt, type PromptScore, type PromptScorer, scorePrompt } from 'signalbox/complexity';
    const rows: readonly LabelledPrompt[] = [{ prompt: 'x', weak: 1, strong: 1 }];
    const scorer: PromptScorer = fitPair(rows);
    const { tier, score, strong }: PromptScore = scorePrompt('What is 2 + 2?');
    const known: 'trivial' | 'simple' | 'medium' | 'complex' | 'expert' = tier;
    export const all: readonly [string, number, boolean] = [known, scorer('x') + score, strong];
    // @ts-expect-error A prompt is text.
    scorePrompt(2);
    // @ts-expect-error What the scorer is made of is not for others.
    export type { Tier } from 'signalbox/complexity';`;
  writeFileSync(join(folder, 'user.mts'), program);
  const compiler = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  const resolution = module === 'esnext' ? ['--moduleResolution', 'bundler'] : [];
  const options = ['--ignoreConfig', '--strict', '--noEmit', '--target', 'es2022', '--module', module, ...resolution];
  const { stdout } = spawnSync(process.execPath, [compiler, ...options, 'user.mts'], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('');
});

it('brings the licences of what it bundles', () => {
  const notices = readFileSync(join(installed, 'THIRD-PARTY-NOTICES'), 'utf8');
  for (const name of ['openai', '@anthropic-ai/sdk', '@google/genai', 'groq-sdk', 'ollama', 'undici', 'zod']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'));
  }
});

it.each(MCP_CLIENTS)('answers tools/list in an empty folder with %s', async (_, connect) => {
  const client = await connect({
    command: process.execPath,
    args: [join(folder, 'node_modules/.bin/signalbox')],
    env: environment,
    cwd: folder,
    stderr: 'ignore',
  });
  try {
    expect((await client.tools()).map(({ name }) => name)).toContain('complete');
  } finally {
    await client.close();
  }
});

it.skipIf(!oldNode)('says what it needs on an old Node (skipped without one)', () => {
  const { status, stderr } = spawnSync(oldNode ?? '', [join(installed, 'bin/signalbox.cjs')], {
    encoding: 'utf8',
    env: environment,
  });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^signalbox needs Node 22\.15 or newer.*\n$/)]);
});

function npm(cwd: string, ...args: string[]): string {
  mkdirSync(cwd, { recursive: true });
  return execFileSync('npm', args, { cwd, encoding: 'utf8' });
}
