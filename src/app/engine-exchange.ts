import { isDeepStrictEqual } from 'node:util';
import type { LoadedConfig } from '../config/load-config.ts';
import type { LogLevel, ServiceLogger } from '../telemetry/logger.ts';
import type { Engine } from './engine.ts';
import { EngineSeat } from './engine-seat.ts';
import { secretsOf } from './foundation.ts';
import { restartNeeded } from './restart-needed.ts';

/** A configuration with the callers' tokens, which are in it as references only. */
export type Configured = { readonly config: LoadedConfig; readonly tokens: readonly string[] };

export type EngineExchangeParts = {
  readonly build: (configured: Configured) => Engine;
  readonly logger: ServiceLogger;
  /** Of the log, where a configuration names none. */
  readonly levelDefault: LogLevel;
};

/** Puts one configuration in the place of another: its engine, and what the log says and hides. */
export class EngineExchange {
  readonly seat: EngineSeat;
  readonly #parts: EngineExchangeParts;
  readonly #started: LoadedConfig;
  #inForce: Configured;

  constructor(first: Configured, parts: EngineExchangeParts) {
    this.seat = new EngineSeat(parts.build(first), parts.logger);
    this.#parts = parts;
    this.#started = first.config;
    this.#inForce = first;
  }

  /** Resolves with the settings that differ but need a restart, or undefined when nothing changed at all. */
  async reload(next: Configured): Promise<readonly string[] | undefined> {
    if (isDeepStrictEqual(next, this.#inForce)) return undefined;
    const engine = this.#parts.build(next);
    try {
      await engine.warmUp();
    } catch (error) {
      // Its connections may be what could not be loaded.
      await engine.close().catch(() => undefined);
      throw error;
    }
    this.#inForce = next;
    this.seat.replace(engine);
    this.#configureLog();
    return restartNeeded(this.#started, next.config);
  }

  #configureLog(): void {
    const { config, tokens } = this.#inForce;
    // Of those that finish their calls as well: their keys can still come up.
    const secrets = [...this.seat.engines.flatMap((engine) => secretsOf(engine.config)), ...tokens];
    this.#parts.logger.configure({ level: config.log.level ?? this.#parts.levelDefault, secrets });
  }
}
