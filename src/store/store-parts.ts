import type { Clock, Logger } from '../core/ports.ts';
import type { DatabaseFile } from './file/database-file.ts';
import type { WriteQueue } from './file/write-queue.ts';

/** What the keepers of tables in the ledger's file are built from. */
export type StoreParts = {
  readonly file: DatabaseFile;
  readonly queue: WriteQueue;
  readonly clock: Clock;
  readonly logger: Logger;
};
