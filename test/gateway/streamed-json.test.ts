import { expect, it } from 'vitest';
import { partsOf } from '../support/gateway.ts';
import type { Step } from '../support/scripted-provider.ts';
import { pair } from './gateway-pair.ts';

const FINISH: Step = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, model: 'scripted' };
const RESPONSE_FORMAT = { type: 'json-object' } as const;

/** The text of a stream of these pieces, of which JSON was asked for; or its thoughts. */
async function streamed(
  pieces: readonly string[],
  between: readonly Step[] = [],
  told: 'text-delta' | 'reasoning-delta' = 'text-delta',
): Promise<string> {
  const texts = pieces.map((text): Step => ({ type: 'text-delta', text }));
  const { stream } = await pair(() => [{ type: 'sent' }, ...texts, ...between, FINISH]);
  const parts = await partsOf(await stream('hello', {}, { responseFormat: RESPONSE_FORMAT }));
  expect(parts.at(-1)).toMatchObject({ type: 'end' });
  return parts.map((part) => (part.type === told ? part.text : '')).join('');
}

it.each([
  ['in a fence', ' ```json\n{"a":1}\n```\n', '{"a":1}'],
  ['in a fence of no language', '```\n{"a":"``"}```', '{"a":"``"}'],
  ['without one', '\n{"a":"```json\\n"}', '\n{"a":"```json\\n"}'],
  ['that holds backticks', '```json\n{"a":"` `` ```"}\n```', '{"a":"` `` ```"}'],
  ['whose fence never ends', '```json\n{"a":1}\n``', '{"a":1}\n``'],
  ['of which there is none', '``', '``'],
  ['in a block of another language', '```js\n1\n```', '```js\n1\n```'],
])('JSON that is streamed comes without its fence, however it is cut: %s', async (_what, text, expected) => {
  expect(await streamed([text])).toBe(expected);
  expect(await streamed(Array.from(text))).toBe(expected);
});

it.each([
  ['', ' <think>\nA "{"?\n</think>\n{"a":1}', '\nA "{"?\n', '\n{"a":1}'],
  ['and the fence', '<think>so</think>\n\n```json\n{"a":1}\n```', 'so', '{"a":1}'],
  ['that are none', '<thinking>{"a":1}', '', '<thinking>{"a":1}'],
  ['that never end', '<think>so </thin', 'so </thin', ''],
  ['of which there are two', '<think>so</think><think>no</think>{}', 'sono', '{}'],
])('thoughts before streamed JSON %s go on as such, however they are cut', async (_what, text, thoughts, json) => {
  for (const pieces of [[text], Array.from(text)]) {
    expect(await streamed(pieces)).toBe(json);
    expect(await streamed(pieces, [], 'reasoning-delta')).toBe(thoughts);
  }
});

it('blank space without end is not held back', async () => {
  const blanks = Array.from({ length: 1_000 }, () => '\n');
  expect(await streamed(['```json\n{}', ...blanks])).toContain('\n'.repeat(500));
  expect(await streamed([...blanks, '{}'])).toBe(`${'\n'.repeat(1_000)}{}`);
});
