import { GatewayError } from '../../core/errors.ts';

const WAL_SAFE_SINCE = [3, 51, 3] as const;

/**
 * Throws for an SQLite that may lose committed writes when several processes share a WAL file
 * (fixed in 3.51.3, sqlite.org/wal.html#walresetbug).
 */
export function assertWalSafe(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, required] of WAL_SAFE_SINCE.entries()) {
    const part = parts[index] ?? 0;
    if (part > required) return;
    if (part < required || Number.isNaN(part)) {
      throw new GatewayError(
        'storage_unavailable',
        `SQLite ${version} can lose writes when several processes share a file; ${WAL_SAFE_SINCE.join('.')} or newer is needed.`,
        { hint: 'Reinstall Signalbox with its own better-sqlite3.' },
      );
    }
  }
}
