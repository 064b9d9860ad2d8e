import { type App, createApp } from '../../app.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import { NOTHING_FOUND } from '../../config/nothing-found.ts';
import { toGatewayError } from '../../core/errors.ts';
import type { Machine } from '../clients/clients.ts';
import { findConfig, type GlobalOptions, watchInterrupts } from '../session.ts';
import { checkClients } from './check-clients.ts';
import { checkNetwork, checkNode, checkSetAside } from './check-machine.ts';
import { checkProviders } from './check-providers.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export type Examination = {
  readonly findings: readonly Finding[];
  /** The configuration file, when there is one that can be read. */
  readonly configFile?: string;
};

/** Everything the doctor looks at; nothing here costs money. */
export async function examine(options: GlobalOptions, machine: Machine): Promise<Examination> {
  const node = checkNode(process.version, process.execPath);
  const clients = checkClients(machine);
  let config: LoadedConfig;
  try {
    config = await findConfig(options);
  } catch (thrown) {
    return { findings: [node, failed('configuration', thrown), ...clients] };
  }
  const configFile = config.source === 'environment' ? undefined : config.source;
  const findings = [
    node,
    ok('configuration', configFile ?? 'no file; providers come from the environment'),
    // The check of the providers says that there are none.
    ...config.warnings.flatMap((warning) => (warning === NOTHING_FOUND ? [] : warn('configuration', warning))),
    ...checkNetwork(config.proxies, machine),
    ...(await checkApp(config)),
    ...checkSetAside(config.dataDir),
    ...clients,
  ];
  return { findings, ...(configFile !== undefined && { configFile }) };
}

/**
 * Opening the books proves the folder, the lock and the file, whose integrity is checked on the way. Beside a Signalbox
 * that runs they open on a full disk too.
 */
async function checkApp(config: LoadedConfig): Promise<readonly Finding[]> {
  const interrupts = watchInterrupts();
  let app: App | undefined;
  try {
    app = await createApp(config);
    await app.proveBooks();
    await app.gateway.requestLog({ limit: 1 });
    const database = ok('database', `${config.dataDir} can be written, and the books open`);
    return [database, ...(await checkProviders(app, config.source, interrupts.signal))];
  } catch (thrown) {
    if (interrupts.signal.aborted) throw thrown;
    return [failed('database', thrown)];
  } finally {
    await app?.close();
    interrupts.stop();
  }
}

function failed(about: string, thrown: unknown): Finding {
  const { message, hint } = toGatewayError(thrown);
  return fail(about, message, hint ?? 'Correct it, and run this again.');
}
