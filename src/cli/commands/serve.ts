import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Service } from '../../app/service.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import { closeInTurn } from '../../core/close-in-turn.ts';
import { GatewayError } from '../../core/errors.ts';
import type { HttpServer, HttpServerOptions } from '../../http/http-server.ts';
import type { HttpSettings } from '../../http/http-settings.ts';
import { endProcess } from '../../mcp/end-process.ts';
import { formatPlural } from '../../mcp/rendering/format.ts';
import { keepMemoryWhenIdle } from '../memory.ts';
import { note } from '../output/terminal.ts';
import { keepCurrent } from '../serve/keep-current.ts';
import { isLoopbackBind, loadServeConfig, type ServeOptions } from '../serve/load-serve-config.ts';
import { surviveDefects } from '../serve/survive-defects.ts';
import { watchSignals } from '../serve/watch-signals.ts';
import { noteWarnings } from '../session.ts';

/** For requests under way, when the server is told to end. */
const DRAIN_MS = 10_000;
/** From the end of those to the end of the process, whatever hangs: a disk may no longer answer. */
const CLOSING_MS = 5_000;
/** For a reader of standard error to take what waits for it; one that has stopped must not keep us from ending. */
const UNREAD_MS = 1_000;

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('MCP and the OpenAI- and Anthropic-compatible API over HTTP')
    .option('--host <host>', 'the address to listen on (127.0.0.1)', hostValue)
    .option('--port <port>', 'the port to listen on (8787); 0 for any free one', portValue)
    .option('--insecure-no-auth', 'let every program on this machine in without a token')
    .action(async (_own: unknown, command: Command) => serve(command.optsWithGlobals<ServeOptions>()));
}

/** Node would take an empty one, as a variable that is not set leaves it, for every address there is. */
function hostValue(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty; 0.0.0.0 listens on every address.');
  return text;
}

function portValue(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('It has to be a number from 0 to 65535.');
  return port;
}

async function serve(options: ServeOptions): Promise<void> {
  keepMemoryWhenIdle();
  const first = await loadServeConfig(options);
  noteWarnings(first.config);
  const [{ createService }, { startHttpServer }, { createMcpEndpoint }] = await Promise.all([
    import('../../app/service.ts'),
    import('../../http/http-server.ts'),
    import('../../http/mcp/create-mcp-endpoint.ts'),
  ]);
  const signals = watchSignals();
  const service = await createService(first.config, { secrets: first.secrets });
  const { gateway, logger, operations } = service;
  surviveDefects(logger);
  const { version } = packageJson;
  const { alerts } = service;
  const enabledTools = () => service.config.tools.enabled;
  const mcp = createMcpEndpoint({ gateway, logger, operations, alerts, enabledTools, version });
  const { settings } = first;
  try {
    const http = await listen(startHttpServer, {
      settings,
      states: service.states,
      services: {
        gateway,
        logger,
        operations,
        get unsupportedParameters() {
          return service.config.unsupportedParameters;
        },
        version,
        mcp,
      },
    });
    let tools = first.config.tools.enabled;
    const current = await keepCurrent({
      service,
      load: () => loadServeConfig(sameSource(options, first.config)),
      onApplied(loaded) {
        http.apply({ ...loaded.settings, host: settings.host, port: settings.port });
        const { enabled } = loaded.config.tools;
        if (!isDeepStrictEqual(enabled, tools)) mcp.notify.toolsChanged();
        tools = enabled;
      },
      path: fileOf(first.config),
    });
    greet(http, settings, service.config);
    await signals.first;
    void signals.second.then(() => http.hurry());
    service.drain();
    const isHurried = await serveOn(service.config.server.shutdownDelayMs, signals.second);
    const patience = `; what runs has ${DRAIN_MS / 1_000} s to finish. Ctrl+C again ends it at once.`;
    note(`signalbox: ending${isHurried ? ' at once.' : patience}`);
    mcp.endListening();
    await closeInTurn([[() => current.close(), () => http.close(DRAIN_MS)], [() => mcp.close()]]);
  } finally {
    await closeInTime(service);
    setTimeout(endProcess, UNREAD_MS).unref();
  }
}

async function closeInTime(service: Service): Promise<void> {
  const late = setTimeout(() => {
    note(
      'signalbox: the books cannot be closed, and are not waited for. What was committed last may not be on the disk.',
    );
    void endProcess(1);
  }, CLOSING_MS);
  await service.close().finally(() => clearTimeout(late));
}

/**
 * A balancer sends requests until it has seen that `/readyz` fails; where the listener is gone by then, they are lost.
 * True when a second signal came meanwhile.
 */
async function serveOn(delayMs: number, hurried: Promise<void>): Promise<boolean> {
  if (delayMs === 0) return false;
  note(
    `signalbox: told to end; it serves on for ${delayMs / 1_000} s, while /readyz fails. Ctrl+C again ends it at once.`,
  );
  // The open port keeps the process; the timer must not, where a second signal closes that earlier.
  return Promise.race([delay(delayMs, false, { ref: false }), hurried.then(() => true)]);
}

/** A file that is gone for a moment, or for good, must not make another one count. */
function sameSource(options: ServeOptions, config: LoadedConfig): ServeOptions {
  const path = fileOf(config);
  return path === undefined ? options : { ...options, config: path };
}

function fileOf({ source }: LoadedConfig): string | undefined {
  return source === 'environment' ? undefined : source;
}

async function listen(
  start: (options: HttpServerOptions) => Promise<HttpServer>,
  options: HttpServerOptions,
): Promise<HttpServer> {
  try {
    return await start(options);
  } catch (error) {
    const { host, port } = options.settings;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = LISTEN_FAULTS[String(code)];
    if (reason === undefined) throw error;
    throw new GatewayError('storage_unavailable', `Signalbox cannot listen on ${host} port ${port}: ${reason}.`, {
      hint: 'Choose another with --host and --port.',
      cause: error,
    });
  }
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system does not allow it',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up',
};

function greet({ url }: HttpServer, settings: HttpSettings, { providers }: LoadedConfig): void {
  const { tokens, host, allowedHosts } = settings;
  const who = tokens === 'open' ? 'WITHOUT a token' : formatPlural(tokens.length, 'token');
  const usable = providers.flatMap(({ id, status }) => (status === 'configured' ? [id] : []));
  note(`signalbox ${packageJson.version} listens on ${url} (${who}; ${usable.join(', ') || 'no provider yet'}).`);
  note(`  MCP: ${url}/mcp · OpenAI: ${url}/v1 · Anthropic: ${url} · Ctrl+C ends it.`);
  if (tokens === 'open') note('signalbox: every program on this machine can spend your money (--insecure-no-auth).');
  if (!isLoopbackBind(host)) {
    note(`signalbox: others can reach it (${host}), and it speaks plain HTTP; put a proxy with TLS in front of it.`);
    if (allowedHosts.length === 0) {
      note('signalbox: callers have to name it by its own address; add the name they use to server.allowedHosts.');
    }
  }
}
