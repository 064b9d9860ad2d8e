import { constants } from 'node:os';
import { GatewayError } from '../../core/errors.ts';
import { writeFaultOf } from './write-fault.ts';

/** What can be wrong with a file: one word decides how the store goes on. */
export type StorageFault = 'busy' | 'full' | 'damaged' | 'not_writable' | 'held' | 'broken';

const FAULTS_BY_CODE: readonly (readonly [RegExp, StorageFault])[] = [
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, 'busy'],
  // The last: the index of the log cannot grow.
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|SQLITE_IOERR_SHMSIZE)$/, 'full'],
  // The last: the log ends before what its index names.
  [/^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/, 'damaged'],
  [/^(SQLITE_(READONLY|PERM|AUTH)|EACCES$|EPERM$|EROFS$)/, 'not_writable'],
  // So Windows refuses to move or delete what is open.
  [/^EBUSY$/, 'held'],
  [/^(SQLITE_(IOERR|CANTOPEN|NOMEM|NOLFS|INTERRUPT)|E[A-Z]+$)/, 'broken'],
];

/** The fault behind an error of SQLite or the file system; undefined for a defect of our own. */
export function storageFaultOf(error: unknown): StorageFault | undefined {
  return faultOfCode(codeOf(error));
}

function faultOfCode(code: string): StorageFault | undefined {
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
  const code = systemCodeOf(path, error);
  const known = EXPLANATIONS[code];
  if (known) return [known[0](path), known[1]];
  const fault = faultOfCode(code);
  switch (fault) {
    case 'busy':
      return [
        `${path} is locked by another process.`,
        'Find the process that holds it (often a database browser) and close it.',
      ];
    case 'full':
      return [`${diskOf(path)} is full.`, 'Free some space; a Signalbox that runs goes on by itself.'];
    case 'damaged':
      return [`${path} is damaged.`, 'It is moved aside and a new file is started; try again.'];
    case 'not_writable':
      return [
        `${path} cannot be written (${code}).`,
        'Give this user the right to write there, or choose another folder with --data-dir or "dataDir".',
      ];
    case 'held':
      return [
        `${path} has to be moved aside, and another process has it open.`,
        'End the other programs that use Signalbox, and try again.',
      ];
    case 'broken':
    case undefined:
      return [
        `${path} cannot be used (${code === '' || code === 'SQLITE_ERROR' ? messageOf(error) : code}).`,
        'Check the disk and the path, or choose another folder with --data-dir or "dataDir".',
      ];
    default:
      return fault satisfies never;
  }
}

/** What has a remedy of its own. */
const EXPLANATIONS: Readonly<Record<string, readonly [message: (path: string) => string, hint: string]>> = {
  EROFS: [
    (path) => `${diskOf(path)} can only be read (EROFS).`,
    'Mount it so that it can be written (after an error the system may have taken that away: see its log), or choose another folder with --data-dir or "dataDir".',
  ],
  EDQUOT: [
    (path) => `${diskOf(path)} has no quota left for this user (EDQUOT).`,
    'Free some space or raise the quota; a Signalbox that runs goes on by itself.',
  ],
  EFBIG: [
    (path) => `${path} is as large as a file may be there (EFBIG).`,
    'Raise the limit ("ulimit -f", LimitFSIZE in a unit of systemd), or choose a folder on another file system with --data-dir or "dataDir".',
  ],
  ETIMEDOUT: [
    (path) => `${diskOf(path)} does not answer.`,
    'See what the log of the system says of it; a Signalbox that runs goes on by itself when it answers again.',
  ],
  EIO: [
    (path) => `${diskOf(path)} fails (EIO).`,
    'See what the log of the system says of it; a Signalbox that runs goes on by itself when it works again.',
  ],
};

/** SQLite tells of what failed, and not why. An error of its own stays as it is; '' for none that has a code. */
function systemCodeOf(path: string, error: unknown): string {
  const code = codeOf(error);
  if (code === 'SQLITE_IOERR_CORRUPTFS') return 'EIO';
  return /^SQLITE_(IOERR|CANTOPEN|READONLY)/.test(code) ? codeOf(writeFaultOf(path)) || code : code;
}

function diskOf(path: string): string {
  return `The disk that holds ${path.replace(/^The /, 'the ')}`;
}

/** The name of an error, '' for one that has none. Node has no name for a few of the system's, among them `EDQUOT`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return '';
  const errno = error.code === 'UNKNOWN' && 'errno' in error ? Math.abs(Number(error.errno)) : undefined;
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? error.code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
