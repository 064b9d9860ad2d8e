import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GENERATED_DOCS } from '../scripts/generated-docs.ts';
import { ERROR_CODES } from '../src/core/error-codes.ts';

const root = join(import.meta.dirname, '..');

it.each(Object.entries(GENERATED_DOCS))('%s is fresh (if not: npm run docs)', async (file, render) => {
  expect(readFileSync(join(root, file), 'utf8')).toBe(await render());
});

it.each(ERROR_CODES)('docs/errors.md explains %s in one row', (code) => {
  const rows = readFileSync(join(root, 'docs/errors.md'), 'utf8').split('\n');
  const row = rows.filter((line) => line.startsWith(`| \`${code}\` |`));
  expect(row).toHaveLength(1);
  expect(row[0]?.split('|')[2]?.trim().length).toBeGreaterThan(10);
});
