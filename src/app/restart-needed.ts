import { isDeepStrictEqual } from 'node:util';
import type { LoadedConfig } from '../config/load-config.ts';

/** What is opened once and kept: the socket, the files, the connection to the collector. */
const FIXED: Readonly<Record<string, (config: LoadedConfig) => unknown>> = {
  'server.host': ({ server }) => server.host,
  'server.port': ({ server }) => server.port,
  'server.connectionsMax': ({ server }) => server.connectionsMax,
  dataDir: ({ dataDir }) => dataDir,
  cache: ({ cache }) => cache,
  'telemetry.otlpEndpoint': ({ telemetry }) => telemetry.otlpUrl,
};

/** The changed settings that a running service keeps as it was started with; their names in the file. */
export function restartNeeded(started: LoadedConfig, loaded: LoadedConfig): readonly string[] {
  return Object.entries(FIXED).flatMap(([name, read]) =>
    isDeepStrictEqual(read(started), read(loaded)) ? [] : [name],
  );
}
