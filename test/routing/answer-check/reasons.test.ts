import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULT_NAMES } from '../../../src/routing/answer-check/faults.ts';
import { REASON_NAMES } from '../../../src/routing/answer-check/reasons.ts';
import { SIGNS } from '../../../src/routing/answer-check/signs.ts';

it('every code that a check can give is explained in docs/answer-checks.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/answer-checks.md'), 'utf8');
  for (const name of [...FAULT_NAMES, ...REASON_NAMES]) expect(page).toContain(`\`${name}\``);
});

it('every reason is a sign that is measured, but for what a peer says', () => {
  const measured = new Set(Object.values(SIGNS).flatMap((signs) => signs.map(({ name }) => name)));
  expect(REASON_NAMES.filter((name) => !measured.has(name))).toEqual(['peers_disagree']);
});
