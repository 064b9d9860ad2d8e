import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderToolsDoc } from '../../src/mcp/render-docs.ts';
import { TOOLS } from '../../src/mcp/tools/all.ts';

const DOC = join(import.meta.dirname, '..', '..', 'docs', 'tools.md');

it('docs/tools.md is what the tools say now', () => {
  expect(readFileSync(DOC, 'utf8')).toBe(renderToolsDoc());
});

it('docs/tools.md has every argument and every field of every tool', () => {
  const sections = renderToolsDoc().split('\n## ');
  for (const tool of TOOLS) {
    const section = sections.find((text) => text.startsWith(`\`${tool.name}\``)) ?? '';
    const inputs = Object.keys(tool.inputSchema().properties ?? {});
    const outputs = Object.keys(tool.outputSchema().properties ?? {}).filter((name) => name !== 'error');
    for (const name of [...inputs, ...outputs]) expect(section).toMatch(new RegExp(`\`${name}\\??\` \\|`));
  }
});
