// Holds the write lock of a database: store-lock-holder.ts <database> <milliseconds>
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';

const [path = '', holdMs = '0'] = process.argv.slice(2);
const database = new Database(path, { timeout: 5_000 });
database.exec('BEGIN IMMEDIATE');
writeSync(1, 'held\n');
setTimeout(() => {
  database.exec('COMMIT');
  database.close();
  writeSync(1, 'released\n');
}, Number(holdMs));
