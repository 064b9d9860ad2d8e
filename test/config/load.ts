import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadConfigOptions, type LoadedConfig, loadConfig } from '../../src/config/load-config.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export type Environment = Partial<LoadConfigOptions>;

/** Loads a configuration written as text or as an object, from a real file. */
export async function load(config: string | object, environment: Environment = {}): Promise<LoadedConfig> {
  const cwd = environment.cwd ?? temporaryFolder();
  writeFileSync(join(cwd, 'mcp.config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return await loadConfig({ env: {}, homeDir: cwd, ...environment, cwd });
}

/** The lines of the error that loading ends with. */
export async function faultsOf(config: string | object, environment: Environment = {}): Promise<readonly string[]> {
  return await faultsFrom(load(config, environment));
}

export async function faultsFrom(loading: Promise<unknown>): Promise<readonly string[]> {
  const error = await loading.then(
    () => new Error('it loaded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof GatewayError) || error.code !== 'config_invalid') throw error;
  return error.message.split('\n');
}

/** `${NAME}`, which a plain text in the source may not hold. */
export function ref(name: string): string {
  return `\${${name}}`;
}
