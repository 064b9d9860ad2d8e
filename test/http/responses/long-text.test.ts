import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ResponsesEncoder } from '../../../src/http/responses/responses-encoder.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const ECHO = { fields: {}, carriesState: false, showsSummary: true };

test.each(['text-delta', 'reasoning-delta'] as const)('a long answer takes little beyond its text: %s', (type) => {
  const start = { requestId: 'r', model: 'openai/gpt-test', createdAtS: 1, nowMs: () => 1 };
  const encoder = new ResponsesEncoder(ECHO, start);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 100_000; at += 1) encoder.part({ type, text: `word${at % 10}` });
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_500_000);
  expect(encoder.part({ type, text: 'end' })).toContain('end');
});
