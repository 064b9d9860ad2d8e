import { GatewayError } from '../core/errors.ts';

/** What can be wrong with a file: one word decides how the store goes on. */
export type StorageFault = 'busy' | 'full' | 'damaged' | 'not_writable' | 'broken';

const FAULTS_BY_CODE: readonly (readonly [RegExp, StorageFault])[] = [
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, 'busy'],
  // The last: the index of the log cannot grow.
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|SQLITE_IOERR_SHMSIZE)$/, 'full'],
  // The last: the log ends before what its index names.
  [/^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/, 'damaged'],
  [/^(SQLITE_(READONLY|PERM|AUTH)|EACCES$|EPERM$|EROFS$)/, 'not_writable'],
  [/^(SQLITE_(IOERR|CANTOPEN|NOMEM|NOLFS|INTERRUPT)|E[A-Z]+$)/, 'broken'],
];

/** The fault behind an error of SQLite or the file system; undefined for a defect of our own. */
export function storageFaultOf(error: unknown): StorageFault | undefined {
  const code = codeOf(error);
  return FAULTS_BY_CODE.find(([pattern]) => pattern.test(code))?.[1];
}

/** The error a caller gets: which file, what is wrong with it, what to do. */
export function storageUnavailable(path: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const [message, hint] = explain(path, error);
  return new GatewayError('storage_unavailable', message, { hint, cause: error });
}

function explain(path: string, error: unknown): readonly [message: string, hint: string] {
  // better-sqlite3 looks for its binary when it opens a file, and then it is not the file's fault.
  if (/^(MODULE_NOT_FOUND|ERR_DLOPEN_FAILED)$/.test(codeOf(error)))
    return [
      `The binary of better-sqlite3 for ${process.platform}-${process.arch} cannot be loaded (${codeOf(error)}).`,
      'Install the dependencies of Signalbox anew, on this machine ("npm ci" in a clone).',
    ];
  const fault = storageFaultOf(error);
  switch (fault) {
    case 'busy':
      return [
        `${path} is locked by another process.`,
        'Find the process that holds it (often a database browser) and close it.',
      ];
    case 'full':
      return [`The disk that holds ${path} is full.`, 'Free some space; a Signalbox that runs goes on by itself.'];
    case 'damaged':
      return [`${path} is damaged.`, 'It is moved aside and a new file is started; try again.'];
    case 'not_writable':
      return [
        `${path} cannot be written (${codeOf(error)}).`,
        'Give this user the right to write there, or choose another folder with --data-dir or "dataDir".',
      ];
    case 'broken':
    case undefined:
      return [
        `${path} cannot be used (${briefOf(error)}).`,
        'Check the disk and the path, or choose another folder with --data-dir or "dataDir".',
      ];
    default:
      return fault satisfies never;
  }
}

/** Without the code of which every mistake in SQL is one. */
function briefOf(error: unknown): string {
  const code = codeOf(error);
  return code === '' || code === 'SQLITE_ERROR' ? messageOf(error) : code;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
