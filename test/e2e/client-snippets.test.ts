import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPENAI_WIRE } from '../../src/demo/vendors/openai.ts';
import { codeBlocks } from '../support/code-blocks.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';
import { openServe, TOKEN } from '../support/serve.ts';
import { MODEL } from './workplace.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/clients.md'), 'utf8');
const programs = codeBlocks(text, 'js').map((code) => [/from '([^']+)'/.exec(code)?.[1] ?? '', code] as const);

let upstream: FakeUpstream;
let served: Awaited<ReturnType<typeof openServe>>;
/** Inside the repository, where packages are found. */
const folder = mkdtempSync(join(root, 'node_modules/.snippets-'));

beforeAll(async () => {
  upstream = await startFakeUpstream(OPENAI_WIRE, { models: [MODEL] });
  served = await openServe({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }] });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await served.close();
  await upstream.close();
});

describe('docs/clients.md', () => {
  it('has a program for each kind of client, and JSON for each that is configured', () => {
    expect(new Set(programs.map(([client]) => client)).size).toBe(5);
    for (const snippet of codeBlocks(text, 'json')) expect(JSON.stringify(JSON.parse(snippet))).toContain('8787/mcp');
  });

  it.each(programs)('shows a program with %s that runs as it stands', async (_client, code) => {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, code.replaceAll('http://127.0.0.1:8787', served.url));
    const env = { PATH: process.env.PATH, SIGNALBOX_TOKEN: TOKEN };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { env, timeout: 60_000 });
    expect(stderr).toBe('');
    expect(stdout.trim()).not.toMatch(/^(undefined|null)?$/);
  });
});
