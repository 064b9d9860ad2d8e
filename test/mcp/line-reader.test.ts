import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineReader, type Line } from '../../src/mcp/stdio/line-reader.ts';
import { readMessage } from '../../src/mcp/stdio/read-message.ts';

const LIMIT = 20;

function readAll(bytes: Buffer, cuts: readonly number[], lineBytesMax = LIMIT): readonly Line[] {
  const reader = createLineReader(lineBytesMax);
  const lines: Line[] = [];
  let start = 0;
  for (const end of [...cuts.toSorted((left, right) => left - right), bytes.length]) {
    if (end < start || end > bytes.length) continue;
    lines.push(...reader.push(bytes.subarray(start, end)));
    start = end;
  }
  return [...lines, ...reader.end()];
}

describe('the line reader', () => {
  it('gives the same lines for every way the bytes are cut', () => {
    const line = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\n', ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(200)), (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const read = readAll(bytes, cuts).map((found) =>
          found.type === 'line' ? found.bytes.toString() : `oversize ${found.byteCount}`,
        );
        const expected = texts.map((text) =>
          Buffer.byteLength(text) <= LIMIT ? text : `oversize ${Buffer.byteLength(text)}`,
        );
        expect(read).toEqual(expected);
      }),
    );
  });

  it('keeps only the ends of a line that is too long, and reads on after it', () => {
    const reader = createLineReader(1_000);
    const chunk = Buffer.alloc(700, 'm');
    expect(reader.push(Buffer.concat([Buffer.from('head'), chunk]))).toEqual([]);
    for (let pushed = 0; pushed < 10; pushed += 1) expect(reader.push(chunk)).toEqual([]);
    const [long, next] = reader.push(Buffer.from('tail\nnext\n'));
    if (long?.type !== 'oversize') throw new Error('expected an oversize line');
    expect(long.byteCount).toBe(4 + 11 * 700 + 4);
    expect(long.head).toMatch(/^headm{508}$/);
    expect(long.tail).toMatch(/^m{508}tail$/);
    expect(next).toMatchObject({ type: 'line', bytes: Buffer.from('next') });
  });

  it('finds the same ends of a long line for every way the bytes are cut', () => {
    const bytes = Buffer.from(`${Array.from({ length: 400 }, (_, index) => index).join(' ')}\n`);
    const text = bytes.toString().trimEnd();
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 300 }), (cuts) => {
        const [line] = readAll(bytes, cuts, 600);
        expect(line).toEqual({
          type: 'oversize',
          byteCount: text.length,
          head: text.slice(0, 512),
          tail: text.slice(-512),
        });
      }),
    );
  });

  it('gives at the end what had no newline', () => {
    expect(readAll(Buffer.from('a\nb'), []).map((line) => line.type === 'line' && line.bytes.toString())).toEqual([
      'a',
      'b',
    ]);
    expect(readAll(Buffer.from('a\n'), [])).toHaveLength(1);
  });
});

describe('the request of an oversize line', () => {
  const idOf = (head: string, tail: string) => {
    const inbound = readMessage({ type: 'oversize', byteCount: 50_000_000, head, tail });
    return inbound.type === 'refuse' ? inbound.id : 'accepted';
  };

  it.each([
    ['{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{', '"}}}', 7],
    ['{"jsonrpc":"2.0","method":"tools/call","id":"a-b","params":{', '"}}}', 'a-b'],
    ['{"method":"tools/call","params":{', '"}},"jsonrpc":"2.0","id":0}', 0],
    ['{ "params" : {', '}, "id" : -3 , "jsonrpc" : "2.0" }\r', -3],
  ])('is found in %s … %s', (head, tail, id) => {
    expect(idOf(head, tail)).toBe(id);
  });

  it.each([
    ['{"params":{"id":7,"text":"', '"}}}'],
    ['{"method":"x","params":{"prompt":"{\\"id\\":7,', '\\"id\\":8}"}}'],
    ['{"method":"x","params":{', '"a":{"id":9}}}'],
    ['xxxxxxxx', 'yyyyyyyy'],
    ['{"jsonrpc":"2.0","id":"a\tb","method":"x","params":{', '"}}'],
    ['{"jsonrpc":"2.0","id":"\u00c3\u00a9","method":"x","params":{', '"}}'],
    ['{"jsonrpc":"2.0","id":007,"method":"x","params":{', '"}}'],
    ['{"params":{', '}, "id":-01}'],
    ['', ''],
  ])('is not guessed from %s … %s', (head, tail) => {
    expect(idOf(head, tail)).toBeNull();
  });
});
