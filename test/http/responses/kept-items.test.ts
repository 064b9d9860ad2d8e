import { expect, test } from 'vitest';
import { KeptItems } from '../../../src/http/responses/kept-items.ts';

const said = (id: string, text = 'Hello') => ({ type: 'message', id, role: 'assistant', content: text });
const asking = (id: string) => ({ model: 'auto', input: [{ type: 'item_reference', id }] });

test('an item that is kept stands in place of a reference to it, for its own tenant only', () => {
  const items = new KeptItems();
  items.keep('one', [said('msg_1')]);
  expect(items.resolve('one', asking('msg_1'))).toEqual({ model: 'auto', input: [said('msg_1')] });
  expect(items.resolve('two', asking('msg_1'))).toEqual(asking('msg_1'));
  expect(items.resolve('one', asking('msg_2'))).toEqual(asking('msg_2'));
});

test('a reference may leave its type out', () => {
  const items = new KeptItems();
  items.keep('one', [said('msg_1')]);
  const untyped = {
    model: 'auto',
    input: [{ id: 'msg_1' }, { type: null, id: 'msg_1' }, { id: 'msg_1', role: 'user', content: 'Hi' }],
  };
  const message = untyped.input.at(-1);
  expect(items.resolve('one', untyped).input).toEqual([said('msg_1'), said('msg_1'), message]);
});

test('the eldest items go first when there are too many, or too much in them', () => {
  const many = new KeptItems();
  for (let index = 0; index <= 10_000; index++) many.keep('one', [said(`msg_${index}`)]);
  expect(many.resolve('one', asking('msg_0'))).toEqual(asking('msg_0'));
  expect(many.resolve('one', asking('msg_1'))).not.toEqual(asking('msg_1'));
  const large = new KeptItems();
  for (let index = 0; index < 5; index++) large.keep('one', [said(`msg_${index}`, 'x'.repeat(9 * 1_048_576))]);
  expect(large.resolve('one', asking('msg_1'))).toEqual(asking('msg_1'));
  expect(large.resolve('one', asking('msg_4'))).not.toEqual(asking('msg_4'));
});
