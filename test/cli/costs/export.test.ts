import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../../src/cli/costs/csv-line.ts';
import { exportCosts } from '../../../src/cli/costs/export-costs.ts';
import type { CostRow } from '../../../src/core/costs.ts';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import { fillDisk, mountSmallDisk } from '../../support/small-disk.ts';
import { attemptStart, openTestStore, requestEnd, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const EVIL = '=HYPERLINK("http://evil.example";"pay")';

/** As RFC 4180 reads it, with another separator where a spreadsheet of another country expects one. */
function readCsv(text: string, separator: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  const end = () => rows.at(-1)?.push(cell);
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (isQuoted && character === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (character === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      end();
      cell = '';
    } else if (!isQuoted && character === '\n') {
      end();
      cell = '';
      rows.push([]);
    } else if (isQuoted || character !== '\r') cell += character;
  }
  rows.pop();
  return rows;
}

describe('a line of CSV', () => {
  it('keeps numbers as numbers, negative ones too, and text as text', () => {
    expect(csvLine([-5, 0.000000015, 12.5, null, 'a "b", c', ''])).toBe('-5,0.000000015,12.5,,"a ""b"", c",""\r\n');
  });

  it.each([EVIL, '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1', '\r\n=1', 'x;=1', 'x\n=1', '"=1'])(
    'does not let %j be run by a spreadsheet',
    (text) => {
      for (const separator of [',', ';', '\t', '|']) {
        for (const cell of readCsv(csvLine(['a', text]), separator).flat())
          expect(cell.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
      }
    },
  );

  it('of any text has one line, no formula for any separator, and loses nothing else', () => {
    const pieces = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '"',
      "'",
      ',',
      ';',
      '\t',
      '\r\n',
      ' ',
      'cmd',
      'ü',
      '漢',
      '|',
      '＝',
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
        (text) => {
          const line = csvLine(['first', text]);
          expect(line.match(/\n/g)).toHaveLength(1);
          const [row] = readCsv(line, ',');
          expect(row).toHaveLength(2);
          expect(row?.[1]?.replaceAll("'", '')).toBe(text.replace(/[\t\r\n]+/g, ' ').replaceAll("'", ''));
          for (const separator of [',', ';', '\t', '|'])
            for (const cell of readCsv(line, separator).flat()) expect(cell.trimStart()).not.toMatch(/^[=+\-@＝]/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

async function bookedStore() {
  const store = await openTestStore(temporaryFolder());
  for (let index = 0; index < 25; index += 1) {
    const request = requestStart({ startedAtMs: 1_000 + index, client: EVIL, metadata: { project: EVIL } });
    const attempt = attemptStart(request.id, { startedAtMs: 1_000 + index });
    await store.ledger.recordRequest(request);
    await store.ledger.recordAttempt(attempt);
    await store.ledger.settleAttempt(attempt.id, settled({ costNanoUsd: nanoUsd(9_007_199_254_740 + index) }));
    await store.ledger.endRequest(request.id, requestEnd({ savedNanoUsd: nanoUsd(index) }));
    if (index % 5 > 0) continue;
    const correction = { inputTokens: -1, outputTokens: 0, reason: '@cmd' };
    await store.ledger.recordCorrections([
      { id: `c${index}`, of: { attemptId: attempt.id }, costNanoUsd: signedNanoUsd(-7), ...correction },
    ]);
  }
  return store;
}

const SPAN = { fromMs: 0, toMs: 1_000_000 };
const signal = new AbortController().signal;

it('an export adds up to the report to the nano-dollar, as CSV and as JSON', async () => {
  const store = await bookedStore();
  const folder = temporaryFolder();
  const { totals } = await store.ledger.costs(SPAN);
  const paths = { csv: join(folder, 'a.csv'), json: join(folder, 'a.json') };
  for (const format of ['csv', 'json'] as const) {
    const rows = store.ledger.costRows(SPAN);
    const sums = await exportCosts({ path: paths[format], format, ...SPAN, rows, signal });
    expect(sums).toMatchObject({ requests: 25, attempts: 25, corrections: 5, cost_nano_usd: totals.costNanoUsd });
    expect(statSync(paths[format]).mode & 0o077).toBe(0);
  }
  const [heads = [], ...lines] = readCsv(readFileSync(paths.csv, 'utf8'), ',');
  const sumOf = (name: string) => lines.reduce((sum, line) => sum + BigInt(line[heads.indexOf(name)] || '0'), 0n);
  expect(sumOf('cost_nano_usd')).toBe(BigInt(totals.costNanoUsd));
  expect(sumOf('saved_nano_usd')).toBe(BigInt(totals.savedByCacheNanoUsd));
  expect(sumOf('input_tokens')).toBe(BigInt(totals.inputTokens));
  expect(lines.every((line) => line.length === heads.length)).toBe(true);
  expect(lines.flat().filter((cell) => /^[=@]/.test(cell))).toEqual([]);

  const whole = JSON.parse(readFileSync(paths.json, 'utf8'));
  expect(whole.totals.cost_nano_usd).toBe(totals.costNanoUsd);
  expect(whole.rows).toHaveLength(55);
  // Exactly what was booked: nothing runs a formula in JSON.
  expect(whole.rows[0]).toMatchObject({ record: 'request', client: EVIL, started_at: '1970-01-01T00:00:01.000Z' });
  expect(Object.keys(whole.rows[0])).toEqual(heads);
});

it('an export that is cut leaves what was there, and one that cannot be written says where', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'costs.csv');
  writeFileSync(path, 'before');
  const controller = new AbortController();
  const rows = async function* (): AsyncGenerator<CostRow> {
    for await (const row of (await bookedStore()).ledger.costRows(SPAN)) {
      controller.abort();
      yield row;
    }
  };
  const job = { format: 'csv', ...SPAN, signal: controller.signal } as const;
  await expect(exportCosts({ ...job, path, rows: rows() })).rejects.toMatchObject({ name: 'AbortError' });
  expect(readFileSync(path, 'utf8')).toBe('before');
  expect(existsSync(`${path}.partial`)).toBe(false);
  mkdirSync(join(folder, 'taken'));
  for (const [name, code] of [
    ['no/such/folder.csv', 'ENOENT'],
    ['taken', 'EISDIR'],
  ] as const) {
    await expect(exportCosts({ ...job, signal, path: join(folder, name), rows: noRows() })).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(new RegExp(`${name}" cannot be written \\(${code}\\)`)),
    });
  }
});

it('an export whose last lines do not fit on the disk is none', async ({ skip }) => {
  const folder = temporaryFolder();
  if (!mountSmallDisk(folder)) skip('a small disk can be mounted by the superuser only');
  const ballast = join(folder, 'ballast');
  fillDisk(ballast);
  truncateSync(ballast, statSync(ballast).size - 8_192);
  const rows = (await bookedStore()).ledger.costRows(SPAN);
  await expect(
    exportCosts({ path: join(folder, 'costs.csv'), format: 'csv', ...SPAN, rows, signal }),
  ).rejects.toMatchObject({ message: expect.stringContaining('cannot be written (ENOSPC)') });
  expect(readdirSync(folder)).toEqual(['ballast']);
});

async function* noRows(): AsyncGenerator<CostRow> {}
