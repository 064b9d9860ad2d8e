import { expect, it } from 'vitest';
import { parseCsv } from '../../src/cli/reconcile/parse-csv.ts';

it('a quotation mark that nothing closes is named by its line, however much follows it', () => {
  const rows = 'gpt-5,12,34\n'.repeat(3_000_000);
  const quoted = '"","",""\n'.repeat(2_000_000);
  expect(() => parseCsv(`model,input_tokens,output_tokens\n"${rows}`)).toThrow('line 2 has a quote within a field');
  expect(() => parseCsv(`model,input_tokens,output_tokens\n"${quoted}`)).toThrow('line 2 has a quote within a field');
  const [row] = parseCsv(`model,note\ngpt-5,"${rows}"\n`);
  expect(row?.fields.get('note')).toBe(rows.trim());
});
