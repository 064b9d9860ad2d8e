import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Loaded before the program: while `DEAD_DISK_PIPE` is there, whoever syncs waits for its other end, which nobody opens. */
const { fdatasync } = fs;
const pipe = process.env.DEAD_DISK_PIPE ?? '';
function sync(file: number, done: fs.NoParamCallback): void {
  const isDead = fs.existsSync(pipe);
  if (isDead) process.stderr.write('a sync hangs\n');
  if (isDead) fs.open(pipe, done);
  else fdatasync(file, done);
}

fs.fdatasync = Object.assign(sync, { __promisify__: fdatasync.__promisify__ });
syncBuiltinESMExports();
