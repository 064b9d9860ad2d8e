import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attemptLine } from '../../src/cli/output/attempt-line.ts';
import { reportFailure } from '../../src/cli/output/failure.ts';
import { renderPairs, renderTable } from '../../src/cli/output/table.ts';
import { oneLine, printable } from '../../src/cli/output/terminal.ts';
import { ERROR_CODES } from '../../src/core/error-codes.ts';
import { GatewayError } from '../../src/core/errors.ts';

type Row = { readonly name: string; readonly text: string };
const COLUMNS = [
  { head: 'name', cell: ({ name }: Row) => name },
  { head: 'text', cell: ({ text }: Row) => text, flexible: true },
] as const;

describe('a table', () => {
  beforeEach(() => vi.stubEnv('COLUMNS', '40'));
  afterEach(() => vi.unstubAllEnvs());

  it('has aligned columns, a rule under the heads, and wraps the flexible one', () => {
    const rows = [
      { name: 'a', text: 'short' },
      { name: 'longer', text: 'long enough that it needs a second line here' },
    ];
    expect(stripVTControlCharacters(renderTable(COLUMNS, rows)).split('\n')).toEqual([
      'name    text',
      '────────────────────────────────────────',
      'a       short',
      'longer  long enough that it needs a',
      '        second line here',
    ]);
  });

  it('never is wider than the terminal, and loses no letter', () => {
    const word = fc.stringMatching(/^[a-z]{1,90}$/);
    const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(fc.record({ name: fc.stringMatching(/^[A-Z]{1,9}$/), text }), { minLength: 1 }), (rows) => {
        const lines = stripVTControlCharacters(renderTable(COLUMNS, rows)).split('\n');
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
        const letters = lines
          .slice(2)
          .join('')
          .replace(/[^a-z]/g, '');
        expect(letters).toBe(rows.map((row) => row.text.replaceAll(' ', '')).join(''));
      }),
    );
  });

  it('puts what would be too narrow under its row, with the long words broken', () => {
    const rows = [{ name: 'a-name-of-a-model-that-is-long', text: `why it is so ${'x'.repeat(45)}` }];
    expect(stripVTControlCharacters(renderTable(COLUMNS, rows)).split('\n')).toEqual([
      'name',
      '──────────────────────────────',
      'a-name-of-a-model-that-is-long',
      '  why it is so',
      `  ${'x'.repeat(38)}`,
      '  xxxxxxx',
    ]);
  });

  it('puts details under their row', () => {
    const [name] = COLUMNS;
    const lines = renderTable<Row>(
      [name],
      [
        { name: 'a', text: 'why' },
        { name: 'b', text: 'so' },
      ],
      ({ text }) => [text],
    );
    expect(stripVTControlCharacters(lines).split('\n').slice(2)).toEqual(['a', '  why', 'b', '  so']);
  });

  it('puts details under their own row also where a text is too long for its column', () => {
    const rows = ['a', 'b'].map((name) => ({ name, text: 'long enough that it needs a second line' }));
    const lines = stripVTControlCharacters(renderTable(COLUMNS, rows, ({ name }) => [`of ${name}`])).split('\n');
    const text = ['  long enough that it needs a second', '  line'];
    expect(lines.slice(2)).toEqual(['a', ...text, '  of a', 'b', ...text, '  of b']);
  });

  it('of tens of thousands of rows is written in parts, each with its heads', () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => ({ name: `row ${index}`, text: 'x' }));
    const lines = stripVTControlCharacters(renderTable(COLUMNS, rows)).split('\n');
    expect(lines.filter((line) => line.startsWith('name'))).toHaveLength(100);
    const named = lines.flatMap((line) => /^row \d+/.exec(line)?.[0] ?? []);
    expect(named).toEqual(rows.map(({ name }) => name));
  });

  it('of pairs aligns the values', () => {
    expect(
      stripVTControlCharacters(
        renderPairs([
          ['a', '1'],
          ['long', '2'],
        ]),
      ),
    ).toBe('a     1\nlong  2');
    expect(stripVTControlCharacters(renderPairs([['why', 'because it is so, and it is so for long']]))).toBe(
      'why  because it is so, and it is so for\n     long',
    );
  });
});

describe('a width nobody can write in', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(['1', '2', '9', '1.5', '-5', 'Infinity', '1e400', 'wide', '0', ''])('%j is no reason to fail', (columns) => {
    vi.stubEnv('COLUMNS', columns);
    const rows = [{ name: 'a', text: 'one two three' }];
    expect(renderTable(COLUMNS, rows)).toContain('one two three');
    expect(renderPairs([['a long name', 'one two three']])).toContain('one two three');
  });
});

describe('foreign text on a terminal', () => {
  it('loses its escape sequences and control characters, and nothing else', () => {
    expect(printable('\u001b[2Jgone\u0007 ü\u009b31m\n\tkept 漢字 👩‍👩‍👧')).toBe('gone ü\n\tkept 漢字 👩‍👩‍👧');
    expect(oneLine(' a\n\u001b]0;title\u0007b\t c ')).toBe('a b c');
  });
});

describe('the line of an attempt', () => {
  it.each([
    [{ status: 'cancelled', error: 'cancelled', latencyMs: 1446 }, 'a/b: cancelled, 1,446 ms'],
    [{ status: 'failed_unbilled', error: 'provider_overloaded' }, 'a/b: provider_overloaded, not billed'],
    [{ status: 'settled' }, 'a/b: answered'],
  ])('of %j says each thing once', (facts, line) => {
    expect(attemptLine({ model: 'a/b', ...facts })).toBe(line);
  });
});

describe('a failure', () => {
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });

  it.each(ERROR_CODES)('of code %s has a hint that speaks of commands, not of tools', (code) => {
    const exitCode = reportFailure(new GatewayError(code, 'This went wrong.'), { json: false });
    expect([1, 2, 130]).toContain(exitCode);
    expect(said[0]).toBe('signalbox: This went wrong.\n');
    expect(said.length).toBeGreaterThanOrEqual(2);
    expect(said.join('')).not.toMatch(/list_models|provider_status|cost_report|route_preview/);
  });

  it('that is a defect is told by kind and place, without its message', () => {
    expect(reportFailure(new TypeError('holds a secret'), { json: false })).toBe(1);
    expect(said.join('')).toMatch(/It was a TypeError at output\.test\.ts:\d+; please report it\./);
    expect(said.join('')).not.toContain('secret');
  });

  it('that is a defect of the plainest kind is told in grammar too', () => {
    reportFailure(new Error('holds a secret'), { json: false });
    expect(said.join('')).toContain('It was an Error at output.test.ts:');
  });

  it("of a request is the caller's mistake only while no provider was asked", () => {
    const attempts = [{ model: 'a/b', key: 'k', status: 'failed_unbilled', startedAtMs: 0, latencyMs: 1 }] as const;
    expect(reportFailure(new GatewayError('invalid_request', 'No.'), { json: false })).toBe(2);
    expect(reportFailure(new GatewayError('invalid_request', 'No.', { attempts }), { json: false })).toBe(1);
  });
});
