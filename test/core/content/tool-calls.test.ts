import { describe, expect, it } from 'vitest';
import {
  refuseExcessiveArguments,
  toolArguments,
  validateToolPairing,
  withResultsInCallOrder,
} from '../../../src/core/content/tool-calls.ts';
import type { Message } from '../../../src/core/message.ts';
import { thrownBy } from '../../support/thrown-by.ts';

const call = (id: string): Extract<Message, { role: 'assistant' }> => ({
  role: 'assistant',
  content: [{ type: 'tool-call', id, name: 'weather', argumentsJson: '{"city":"Paris"}' }],
});
const result = (toolCallId: string): Extract<Message, { role: 'tool' }> => ({
  role: 'tool',
  content: [{ type: 'tool-result', toolCallId, toolName: 'weather', text: '21 degrees' }],
});
const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };

const refusal = (messages: readonly Message[]) => thrownBy(() => validateToolPairing(messages));

describe('tool pairing', () => {
  it('accepts calls that are answered directly, also by several tool messages', () => {
    const parallel: Message = {
      role: 'assistant',
      content: [
        { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{}' },
        { type: 'tool-call', id: 'b', name: 'weather', argumentsJson: '{}' },
      ],
    };
    expect(() => validateToolPairing([user, parallel, result('b'), result('a'), user])).not.toThrow();
  });

  it('names the call whose result is missing', () => {
    const error = refusal([user, call('a'), user]);
    expect(error.code).toBe('invalid_request');
    expect(error.message).toContain('messages[1]');
    expect(error.message).toContain('"a"');
    expect(refusal([user, call('a')]).message).toContain('missing');
  });

  it('refuses a result without a call, a repeated one and one that comes too late', () => {
    expect(refusal([user, result('a')]).message).toContain('messages[1]');
    expect(refusal([user, call('a'), result('a'), result('a')]).message).toContain('messages[3]');
    expect(refusal([user, call('a'), result('a'), user, result('a')]).message).toContain('messages[4]');
  });

  it('refuses two calls with one id in one message', () => {
    const twice: Message = {
      role: 'assistant',
      content: [
        { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{}' },
        { type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{}' },
      ],
    };
    expect(refusal([user, twice, result('a')]).message).toContain('two tool calls');
  });
});

describe('results of parallel calls', () => {
  it('stand in the order of the calls, whatever order and however many messages they came in', () => {
    const calls: Message = {
      role: 'assistant',
      content: [call('a'), call('b')].flatMap(({ content }) => content),
    };
    const ordered = withResultsInCallOrder([user, calls, result('b'), result('a'), user, call('c'), result('c')]);
    const results = { role: 'tool', content: [...result('a').content, ...result('b').content] };
    expect(ordered).toEqual([user, calls, results, user, call('c'), result('c')]);
  });
});

describe('tool arguments', () => {
  const part = (argumentsJson: string) => ({ type: 'tool-call', id: 'a', name: 'weather', argumentsJson }) as const;

  it('are the object the model wrote', () => {
    expect(toolArguments(part('{"city":"Paris"}'))).toEqual({ city: 'Paris' });
    expect(toolArguments(part(''))).toEqual({});
  });

  it('are written out with the numbers of the model, however long', () => {
    const written = '{"id":12345678901234567891,"of":[-9007199254740993,7,0.5],"beyond":{"all":1e999},"text":"e999"}';
    expect(JSON.stringify(toolArguments(part(written)))).toBe(written);
    // Each alone, since one of them has the others found.
    for (const number of ['12345678901234567891', '-9007199254740993', '1e999', '-1.5E+400']) {
      for (const text of [`{"a":${number}}`, `{"a": [ ${number}]}`, `{"a":[0,\n${number}]}`]) {
        expect(JSON.stringify(toolArguments(part(text)))).toBe(text.replaceAll(/\s/g, ''));
      }
    }
    expect(toolArguments(part('12345678901234567891'))).toEqual({ invalid_arguments: '12345678901234567891' });
  });

  it('keep text that is no object, so that the model sees what it sent', () => {
    expect(toolArguments(part('{"city":'))).toEqual({ invalid_arguments: '{"city":' });
    expect(toolArguments(part('[1]'))).toEqual({ invalid_arguments: '[1]' });
  });

  it('keep text that is nested so deeply that nobody could write it out again', () => {
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(toolArguments(part(deep))).toEqual({ invalid_arguments: deep });
    expect(toolArguments(part('{"a":[[[1]]]}'))).toEqual({ a: [[[1]]] });
  });

  it('are refused where together they hold more values than a body may, whichever call holds them', () => {
    const calling = (items: number): Message => ({
      role: 'assistant',
      content: [part(`{"a":[${'{},'.repeat(items)}{}]}`), part('{"note":"[,,,]"}')],
    });
    expect(() => refuseExcessiveArguments([user, calling(300_000), user, calling(300_000)])).not.toThrow();
    expect(() => refuseExcessiveArguments([user, calling(400_000), user, calling(400_000)])).toThrow(
      'more than 1,500,000 values',
    );
  });

  it('are refused where together they hold more members than a body may', () => {
    const calling = (members: number): Message => ({
      role: 'assistant',
      content: [part(`{"a":[${'{"name":1},'.repeat(members)}{}]}`)],
    });
    expect(() => refuseExcessiveArguments([user, calling(120_000), user, calling(120_000)])).not.toThrow();
    expect(() => refuseExcessiveArguments([user, calling(130_000), user, calling(130_000)])).toThrow(
      'more than 250,000 members of objects',
    );
  });
});
