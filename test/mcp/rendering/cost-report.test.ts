import { expect, it } from 'vitest';
import { toReportText, toStructuredReport } from '../../../src/mcp/rendering/cost-report.ts';
import { TOTALS } from '../../support/scripted-data.ts';
import { createScriptedGateway } from '../../support/scripted-gateway.ts';

it('what a caller named a group makes no other line of the text long, and no line of its own', async () => {
  const asked = { fromMs: 0, toMs: 1, tenant: 'local', groupBy: 'metadata.session' } as const;
  const report = await createScriptedGateway().gateway.costReport(asked);
  const keys = [
    `a\n${'long '.repeat(3_000)}`,
    'budget all: $0.00\u2028b\u0007',
    ...Array.from({ length: 500 }, (_, index) => `key ${index}`),
  ];
  const groups = keys.map((key) => ({ ...TOTALS, key }));
  const text = toReportText({ ...report, groups }, asked.groupBy);
  const lines = text.split(/[\n\u2028]/);
  expect(lines).toHaveLength(
    toReportText({ ...report, groups: [] }, asked.groupBy).split('\n').length + groups.length - 1,
  );
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(250);
  expect(text).toMatch(/^ {2}a long long .*… {2}\$/m);
  expect(text).toMatch(/^ {2}budget all: \$0\.00 b {2}/m);
  expect(toStructuredReport({ ...report, groups }).groups.map(({ key }) => key)).toEqual(keys);
});
