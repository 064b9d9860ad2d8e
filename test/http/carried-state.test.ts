import { expect, it } from 'vitest';
import { fromCarriedId, fromCarriedState, toCarriedId, toCarriedState } from '../../src/http/carried-state.ts';

const LARGEST = 64 * 1024;
const state = (length: number) => ({ kind: 'gemini', value: 'x'.repeat(length) }) as const;

it('a plain id stays as it is', () => {
  expect(toCarriedId({ id: 'call_1-A' })).toBe('call_1-A');
  expect(fromCarriedId('call_1-A')).toEqual({ id: 'call_1-A' });
});

it.each(['functions.weather:0', 'weather:0', '.call', 'call.', 'sbx_call', 'naïve', 'a b'])(
  'the id %j becomes one that every client takes, and comes back as it was',
  (id) => {
    const carried = toCarriedId({ id });
    expect(carried).toMatch(/^sbx_[a-zA-Z0-9_-]+$/);
    expect(fromCarriedId(carried)).toEqual({ id });
  },
);

it('state comes back with its id or by itself, unless it is too long to be sent with every turn', () => {
  const [fits, tooLong] = [state(LARGEST), state(LARGEST + 1)];
  expect(fromCarriedId(toCarriedId({ id: 'a', vendorState: fits }))).toEqual({ id: 'a', vendorState: fits });
  expect(toCarriedId({ id: 'a', vendorState: tooLong })).toBe('a');
  expect(fromCarriedState(toCarriedState(fits) ?? '')).toEqual(fits);
  expect(toCarriedState(tooLong)).toBeUndefined();
});

it.each([
  ['nothing', []],
  ['an empty id', ['']],
  ['a state of nobody', ['a', 'nobody', 'x']],
  ['a kind without a state', ['a', 'gemini']],
  ['numbers', [1, 2, 3]],
])('what a caller made up stands for no state: %s', (_what, parts) => {
  const written = Buffer.from(JSON.stringify(parts)).toString('base64url');
  expect(fromCarriedId(`sbx_${written}`)).not.toHaveProperty('vendorState');
  expect(fromCarriedState(written)).toBeUndefined();
});
