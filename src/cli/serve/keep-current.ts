import type { Service } from '../../app/service.ts';
import type { ConfigWatch } from '../../config/file/watch-config.ts';
import { toDefectFields, toGatewayError } from '../../core/errors.ts';
import type { ServeConfig } from './load-serve-config.ts';

export type KeepCurrentOptions = {
  readonly service: Pick<Service, 'logger' | 'reload' | 'countRefusedReload'>;
  /** Reads and checks everything anew; throws `config_invalid`. */
  readonly load: () => Promise<ServeConfig>;
  /** Called in the moment a new configuration comes into force. */
  readonly onApplied: (current: ServeConfig) => void;
  /** To be watched; absent when there is no file. */
  readonly path: string | undefined;
};

/**
 * Reloads the configuration when its file changes and on SIGHUP (for secrets in other files, too). One
 * that is invalid is refused with its faults in the log, and the last good one stays.
 */
export async function keepCurrent(options: KeepCurrentOptions): Promise<ConfigWatch> {
  const { logger } = options.service;
  let running: Promise<void> | undefined;
  let again = false;
  /** Who asked, or was told of a fault, waits for a word even if nothing has changed. */
  let isAwaited = false;

  /** One at a time: what changes meanwhile is read once more afterwards. */
  function request(): void {
    again = running !== undefined;
    if (running) return;
    const wasAwaited = isAwaited;
    isAwaited = false;
    running = reload(options, wasAwaited).then((isRefused) => {
      isAwaited ||= isRefused;
      running = undefined;
      if (again) request();
    });
  }

  function onHangup(): void {
    isAwaited = true;
    request();
  }

  process.on('SIGHUP', onHangup);
  const watch = options.path === undefined ? undefined : await watchFile(options.path, request, logger);
  // What was changed while we started.
  if (watch) request();
  return {
    async close() {
      process.off('SIGHUP', onHangup);
      await watch?.close();
      again = false;
      await running;
    },
  };
}

async function watchFile(path: string, onChange: () => void, logger: Service['logger']): Promise<ConfigWatch> {
  const { watchConfig } = await import('../../config/file/watch-config.ts');
  return watchConfig(path, {
    onChange,
    onFault: (error) =>
      logger.warn(
        { path, error },
        'the folder of the configuration file cannot be watched; the file is looked at every second instead',
      ),
  });
}

/** Never rejects. True when the configuration was refused. */
async function reload({ service, load, onApplied }: KeepCurrentOptions, isAwaited: boolean): Promise<boolean> {
  const { logger } = service;
  try {
    const loaded = await load();
    const restart = await service.reload(loaded.config, loaded.secrets);
    if (restart === undefined) {
      logger[isAwaited ? 'info' : 'debug']({ source: loaded.config.source }, 'the configuration is as it was');
      return false;
    }
    onApplied(loaded);
    const { source, configHash, warnings } = loaded.config;
    logger.info({ source, configHash }, 'the configuration was reloaded');
    for (const warning of warnings) logger.warn({ source }, warning);
    if (restart.length > 0) {
      logger.warn({ settings: restart }, `takes effect with the next start only: ${restart.join(', ')}`);
    }
    return false;
  } catch (thrown) {
    const error = toGatewayError(thrown);
    const { code, message, hint } = error;
    service.countRefusedReload();
    const defect = code === 'internal' && toDefectFields(error);
    logger.error(
      { code, hint, ...defect },
      `the changed configuration is refused, the last good one stays: ${message}`,
    );
    return true;
  }
}
