import { expect, it } from 'vitest';
import type { AttemptSummary } from '../../../src/core/books.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { GatewayAnswer } from '../../../src/gateway/gateway.ts';
import { answerHeaders } from '../../../src/http/reply/answer-headers.ts';
import { answerOf } from '../../support/gateway-answer.ts';

const ATTEMPT: AttemptSummary = { model: 'main/m', key: '0', status: 'settled', startedAtMs: 0, latencyMs: 1 };

function headersOf(more: Partial<GatewayAnswer>): Record<string, string> {
  return answerHeaders({ ...answerOf(), ...more }, { toFieldName: (name) => `its ${name}` });
}

it('only attempts whose bytes left are counted', () => {
  const attempts = [{ ...ATTEMPT, status: 'not_sent' }, ATTEMPT] as const;
  expect(headersOf({ attempts })['x-signalbox-attempts']).toBe('1');
});

it.each([
  [1, '0.000000001'],
  [120_000, '0.00012'],
  [0, '0'],
  [10_000_000_000, '10'],
])('a cost of %i nano-dollars is told in plain decimals: %s', (cost, text) => {
  expect(headersOf({ costNanoUsd: nanoUsd(cost) })['x-signalbox-cost-usd']).toBe(text);
});

it('a cost that is not known is not told, nor is a tier there was none', () => {
  const own = ['request-id', 'model', 'cache', 'attempts'].map((name) => `x-signalbox-${name}`);
  expect(Object.keys(headersOf({})).toSorted()).toEqual([...own, 'x-request-id'].toSorted());
});

it('what was left out is told in the words of the format', () => {
  expect(headersOf({ droppedParameters: ['topK', 'seed'] })['x-signalbox-dropped-parameters']).toBe(
    'its topK, its seed',
  );
});

it('what became of a check is told where there was one', () => {
  const verification = { outcome: 'kept', doubt: 1, reasons: ['truncated'], first: 'main/m', checkMs: 1 } as const;
  expect(headersOf({ verification })['x-signalbox-verification']).toBe('kept');
});
