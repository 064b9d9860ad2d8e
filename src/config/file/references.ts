import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expandHome, filled, type Surroundings } from '../folders.ts';

export type Resolved =
  | { readonly ok: true; readonly value: string }
  /** What is missing: names the variable or the file, never a value. */
  | { readonly ok: false; readonly reason: string; readonly isMalformed?: boolean };

/** Secrets are short; a larger file is a mistake. */
const SECRET_BYTES_MAX = 65_536;
/** Who writes a file anew empties it first: one that was changed so lately may be about to have its contents. */
const FRESH_MS = 500;
const LOOK_AGAIN_MS = 20;
const REFERENCE = /\$\{([^}]*)\}?/g;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Would resolving it look for something elsewhere? */
export function holdsReference(text: string): boolean {
  return text.startsWith('file:') || text.includes('${');
}

/**
 * Resolves `${NAME}` anywhere in a text, and a text that begins with `file:` as the contents of
 * that file without surrounding white space. An empty variable or file counts as missing. Relative
 * files are sought from `baseDir`.
 */
export async function resolveReference(text: string, surroundings: Surroundings, baseDir: string): Promise<Resolved> {
  const missing: string[] = [];
  let isMalformed = false;
  const value = text.replace(REFERENCE, (whole, name: string) => {
    if (!whole.endsWith('}') || !VARIABLE_NAME.test(name)) isMalformed = true;
    else if (filled(surroundings.env[name]) === undefined) missing.push(`the variable ${name} is not set`);
    return surroundings.env[name] ?? '';
  });
  if (isMalformed) return { ok: false, reason: `it holds a "\${" that begins no reference like \${NAME}`, isMalformed };
  if (missing.length > 0) return { ok: false, reason: [...new Set(missing)].join(', ') };
  return text.startsWith('file:') ? await readSecret(value, surroundings, baseDir) : { ok: true, value };
}

async function readSecret(text: string, surroundings: Surroundings, baseDir: string): Promise<Resolved> {
  let path = text;
  try {
    path = filePath(text, surroundings, baseDir);
    const status = await stat(path);
    if (!status.isFile()) return { ok: false, reason: `${path} is not a file` };
    if (status.size > SECRET_BYTES_MAX) return { ok: false, reason: `the file ${path} is too large to hold a secret` };
    const value = await contentsOf(path);
    return value === '' ? { ok: false, reason: `the file ${path} is empty` } : { ok: true, value };
  } catch (error) {
    return { ok: false, reason: `the file ${path} ${readFault(error)}` };
  }
}

/** Without surrounding white space. An empty one is looked at again while it may just be written. */
async function contentsOf(path: string): Promise<string> {
  for (;;) {
    const contents = (await readFile(path, 'utf8')).trim();
    if (contents !== '') return contents;
    // A share's clock may be ahead of ours, and times of files tell parts of a millisecond.
    if (Math.abs(Date.now() - (await stat(path)).mtimeMs) > FRESH_MS) return '';
    await delay(LOOK_AGAIN_MS);
  }
}

function filePath(text: string, { homeDir }: Surroundings, baseDir: string): string {
  if (text.startsWith('file://')) return fileURLToPath(text);
  return resolve(baseDir, expandHome(text.slice('file:'.length), homeDir));
}

/** Why a file could not be read, for people. */
export function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'config_invalid':
      return 'lies in a home folder, but there is none';
    case 'ERR_INVALID_FILE_URL_HOST':
    case 'ERR_INVALID_FILE_URL_PATH':
    case 'ERR_INVALID_URL':
      return 'is no file of this machine';
    case 'ENOENT':
    // A part of the path is a file: so is the home folder `/dev/null` of many a service.
    case 'ENOTDIR':
      return 'does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read';
    case 'EISDIR':
      return 'is a folder';
    default:
      return `could not be read${typeof code === 'string' ? ` (${code})` : ''}`;
  }
}
