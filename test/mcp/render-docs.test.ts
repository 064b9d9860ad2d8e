import { expect, it } from 'vitest';
import { renderToolsDoc } from '../../src/mcp/render-docs.ts';
import { TOOLS } from '../../src/mcp/tools/all.ts';

it('docs/tools.md has every argument and every field of every tool', () => {
  const sections = renderToolsDoc().split('\n## ');
  for (const tool of TOOLS) {
    const section = sections.find((text) => text.startsWith(`\`${tool.name}\``)) ?? '';
    const inputs = Object.keys(tool.inputSchema().properties ?? {});
    const outputs = Object.keys(tool.outputSchema().properties ?? {}).filter((name) => name !== 'error');
    for (const name of [...inputs, ...outputs]) expect(section).toMatch(new RegExp(`\`${name}\\??\` \\|`));
  }
});
