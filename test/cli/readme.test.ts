import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { TOOLS } from '../../src/mcp/tools/all.ts';
import { load } from '../config/load.ts';
import { codeBlocks } from '../support/code-blocks.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

it('begins with the two commands of a fresh machine, one line each', () => {
  expect(codeBlocks(readme, 'sh').slice(0, 2)).toEqual(['npm ci && npm run demo\n', 'npm ci && npm test\n']);
  expect(readme.split('\n').length).toBeLessThanOrEqual(200);
});

it('shows snippets that are JSON and start the launcher', () => {
  const snippets = codeBlocks(readme, 'json').map((block) => JSON.parse(block));
  expect(snippets.map(({ mcpServers, servers }) => (mcpServers ?? servers).signalbox.command)).toEqual([
    'node',
    'node',
  ]);
});

it('shows a configuration that is accepted', async () => {
  const [example = ''] = codeBlocks(readme, 'jsonc');
  const { providers, routing } = await load(example);
  expect(providers.map(({ id }) => id)).toEqual(['anthropic', 'groq', 'ollama']);
  expect(routing.tiers.trivial).toEqual(['ollama/llama3.2', 'groq/openai/gpt-oss-20b']);
});

it('names every command and every tool', () => {
  for (const command of createProgram().commands)
    expect(readme).toMatch(new RegExp(`^\\|.*\`${command.name()}[ \`]`, 'm'));
  for (const { name } of TOOLS) expect(readme).toContain(`| \`${name}\` |`);
});
