/** Writes the generated documents. Run by `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED_DOCS } from './generated-docs.ts';

for (const [file, render] of Object.entries(GENERATED_DOCS)) {
  writeFileSync(join(import.meta.dirname, '..', file), await render());
  process.stdout.write(`${file}\n`);
}
