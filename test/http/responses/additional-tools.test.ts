import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json/json.ts';
import { toChatRequest } from '../../../src/http/responses/to-chat-request.ts';

const tool = (name: string, description = '') => ({ type: 'function', name, description, parameters: {} });
const added = (...tools: readonly JsonObject[]): JsonObject => ({ type: 'additional_tools', role: 'developer', tools });
const question = { role: 'user', content: 'Hello' };

function read(input: readonly JsonObject[], more: JsonObject = {}) {
  return toChatRequest(
    { model: 'auto', input, ...more },
    { caller: { tenant: 't', client: 'c' }, unsupportedParameters: 'reject', routing: () => ({ cache: 'use' }) },
  );
}

const namesOf = (...given: Parameters<typeof read>) => read(...given).request.tools?.map(({ name }) => name);

describe('tools that the input adds', () => {
  it('count like those of the request, the last of a name', () => {
    const first = added(tool('look', 'Before.'), { type: 'custom', name: 'patch' });
    const second = added(tool('look', 'Now.'), tool('patch'));
    const { request, echo } = read([first, question, second], { tools: [tool('wait')] });
    expect(request.tools?.map(({ name, description }) => [name, description])).toEqual([
      ['wait', ''],
      ['look', 'Now.'],
      ['patch', ''],
    ]);
    expect(echo.called?.size).toBe(0);
    expect(read([first, question]).echo.called?.get('patch')).toEqual({ name: 'patch', kind: 'custom' });
    expect(request.messages).toHaveLength(1);
  });

  it('may be asked for, in namespaces too', () => {
    const group = { type: 'namespace', name: 'files', description: 'Files.', tools: [tool('look')] };
    expect(namesOf([added(group), question])).toEqual(['files__look']);
    const tool_choice = { type: 'function', name: 'look' };
    expect(read([added(tool('look')), question], { tool_choice }).request.toolChoice).toEqual({ name: 'look' });
  });

  it('may be none, and are at most as many as tools may be', () => {
    expect(namesOf([added(), question])).toBeUndefined();
    const many = (letter: string) => added(...Array.from({ length: 65 }, (_, index) => tool(`${letter}${index}`)));
    expect(() => read([many('a'), many('b'), question])).toThrow('"input" must not add more than 128 tools in all.');
  });

  it.each<readonly [param: string, item: JsonObject]>([
    ['input[0].role', { type: 'additional_tools', tools: [] }],
    ['input[0].tools', { ...added(), tools: 'all' }],
    ['input[0].tools[0].type', added({ type: 'web_search' })],
    ['input[0].tools[1].name', added(tool('look'), tool('look'))],
  ])('are refused by their place: %s', (param, item) => {
    expect(() => read([item, question])).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
