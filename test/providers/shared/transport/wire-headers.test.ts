import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WireHeaders } from '../../../../src/providers/shared/transport/wire-headers.ts';

const name = fc.constantFrom('content-type', 'x-request-id', 'set-cookie', 'retry-after', 'constructor', '__proto__');
const value = fc.stringMatching(/^([!-~\xa1-\xff]( ?[!-~\xa1-\xff])*)?$/);
const spelt = fc.tuple(name, fc.boolean()).map(([text, isLoud]) => (isLoud ? text.toUpperCase() : text));
const received = fc.array(fc.tuple(spelt, value), { maxLength: 8 });

function wireOf(pairs: readonly (readonly [string, string])[]): WireHeaders {
  return new WireHeaders(pairs.flat().map((text) => Buffer.from(text, 'latin1')));
}

it('what is read by name is what the platform reads, before and after it was asked', () => {
  fc.assert(
    fc.property(received, (pairs) => {
      const platform = new Headers(pairs);
      const wire = wireOf(pairs);
      const read = (headers: Headers) =>
        ['Content-Type', 'x-request-id', 'SET-COOKIE', 'constructor', '__proto__', 'toString'].map((key) => [
          headers.get(key),
          headers.has(key),
        ]);
      expect(read(wire)).toEqual(read(platform));
      expect([...wire]).toEqual([...platform]);
      expect(wire.getSetCookie()).toEqual(platform.getSetCookie());
      expect(read(wire)).toEqual(read(platform));
    }),
  );
});

it('what is changed is changed for every reader', () => {
  const headers = wireOf([
    ['a', '1'],
    ['b', '2'],
  ]);
  headers.set('a', '3');
  headers.delete('b');
  headers.append('c', '4');
  const visited: string[] = [];
  headers.forEach((text, key) => void visited.push(`${key}=${text}`));
  expect([headers.get('a'), headers.has('b'), visited]).toEqual(['3', false, ['a=3', 'c=4']]);
  expect([[...headers.keys()], [...headers.values()], [...headers.entries()]]).toEqual([
    ['a', 'c'],
    ['3', '4'],
    [
      ['a', '3'],
      ['c', '4'],
    ],
  ]);
});
