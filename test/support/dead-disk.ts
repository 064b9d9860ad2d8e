import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// Loaded before the program: while `DEAD_DISK_PIPE` is there, whoever syncs waits for its other end, which nobody opens.

// As disks are before they die; a quick one is waited for on the event loop, which would stand for ever.
const SLOW_MS = 5;
const { fdatasync, fdatasyncSync } = fs;
const pipe = process.env.DEAD_DISK_PIPE ?? '';

function sync(file: number, done: fs.NoParamCallback): void {
  const isDead = fs.existsSync(pipe);
  if (isDead) process.stderr.write('a sync hangs\n');
  if (isDead) fs.open(pipe, done);
  else setTimeout(() => fdatasync(file, done), SLOW_MS);
}

function syncNow(file: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_MS);
  fdatasyncSync(file);
}

fs.fdatasyncSync = syncNow;
fs.fdatasync = Object.assign(sync, { __promisify__: fdatasync.__promisify__ });
syncBuiltinESMExports();
