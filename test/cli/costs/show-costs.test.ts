import { stripVTControlCharacters } from 'node:util';
import { expect, it, vi } from 'vitest';
import { showCosts } from '../../../src/cli/costs/show-costs.ts';
import { toStructuredReport } from '../../../src/mcp/rendering/cost-report.ts';
import { TOTALS } from '../../support/scripted-data.ts';
import { createScriptedGateway } from '../../support/scripted-gateway.ts';

it('a name that a caller chose does not make every row as wide as itself', async () => {
  const report = await createScriptedGateway().gateway.costReport({ fromMs: 0, toMs: 1, tenant: 'local' });
  const groups = ['x'.repeat(15_000), 'short'].map((key) => ({ ...TOTALS, key }));
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  showCosts(toStructuredReport({ ...report, groups }), { by: 'metadata.session' });
  write.mockRestore();
  const lines = stripVTControlCharacters(said.join('')).split('\n');
  expect(lines.find((line) => line.startsWith('short'))).toContain('1,234');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(250);
});
