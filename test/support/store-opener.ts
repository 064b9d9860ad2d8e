// Opens a store at a given moment: store-opener.ts <folder> <wall-clock milliseconds> [<user id>]
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../../src/core/errors.ts';
import type { Logger } from '../../src/core/ports.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { openStore } from '../../src/store/open-store.ts';

const [dataDir = '', startAtMs = '0', userId] = process.argv.slice(2);
const say = (level: string) => (_fields: object, message: string) => void writeSync(1, `${level}: ${message}\n`);
const logger: Logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };

await delay(Math.max(0, Number(startAtMs) - Date.now()));
if (userId !== undefined) process.setuid?.(Number(userId));
try {
  const cache = { enabled: true, ttlMs: 1_000_000, maxBytes: 1_000_000 };
  const store = await openStore({ dataDir, cache, clock: SYSTEM_CLOCK, logger });
  writeSync(1, 'open\n');
  await store.close();
} catch (error) {
  if (!(error instanceof GatewayError)) throw error;
  writeSync(1, `refused: ${error.code}: ${error.message}\n${error.hint}\n`);
}
