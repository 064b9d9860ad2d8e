import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const repository = join(import.meta.dirname, '..');
/** `docs/costs.md` in any text, and `](costs.md)` in a document beside it. */
const NAMED = /\bdocs\/[\w.-]+\.(?:md|json)\b|(?<=\]\()[\w.-]+\.md\b/g;

/** The documents that these files send their readers to, and those that these link in turn; paths from the root. */
export function linkedDocuments(files: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const look = (file: string) => {
    for (const [name] of readFileSync(join(repository, file), 'utf8').matchAll(NAMED)) {
      const path = name.startsWith('docs/') ? name : posix.join(posix.dirname(file), name);
      if (!path.startsWith('docs/') || found.has(path)) continue;
      found.add(path);
      look(path);
    }
  };
  files.forEach(look);
  return [...found].toSorted();
}
