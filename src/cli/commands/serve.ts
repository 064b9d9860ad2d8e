import { homedir } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import type { LoadedConfig } from '../../config/load-config.ts';
import { isOwnAddress } from '../../config/own-address.ts';
import { type ResolvedServer, resolveServer } from '../../config/resolve-server.ts';
import { GatewayError } from '../../core/errors.ts';
import type { HttpServer, HttpServerOptions } from '../../http/http-server.ts';
import type { HttpSettings } from '../../http/http-settings.ts';
import { usageError } from '../output/failure.ts';
import { note } from '../output/terminal.ts';
import { findConfig, type GlobalOptions, noteWarnings, watchInterrupts } from '../session.ts';

type ServeOptions = GlobalOptions & {
  readonly host?: string;
  readonly port?: number;
  readonly insecureNoAuth?: boolean;
};

/** For requests under way, when the server is told to end. */
const DRAIN_MS = 10_000;

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('MCP and the OpenAI- and Anthropic-compatible API over HTTP')
    .option('--host <host>', 'the address to listen on (127.0.0.1)')
    .option('--port <port>', 'the port to listen on (8787); 0 for any free one', portValue)
    .option('--insecure-no-auth', 'let every program on this machine in without a token')
    .action(async (_own: unknown, command: Command) => serve(command.optsWithGlobals<ServeOptions>()));
}

function portValue(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('It has to be a number from 0 to 65535.');
  return port;
}

async function serve(options: ServeOptions): Promise<void> {
  const config = await findConfig(options);
  const server = await resolveServer(config, {
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    platform: process.platform,
  });
  const settings = toSettings(server, options);
  refuseCircles(config, settings);
  noteWarnings(config);
  const [{ createApp }, { startHttpServer }, { createMcpEndpoint }] = await Promise.all([
    import('../../app.ts'),
    import('../../http/http-server.ts'),
    import('../../http/mcp/create-mcp-endpoint.ts'),
  ]);
  const interrupts = watchInterrupts();
  const app = await createApp(config);
  const { gateway, logger } = app;
  const { version } = packageJson;
  const mcp = createMcpEndpoint({ gateway, logger, enabledTools: config.tools.enabled, version });
  try {
    const http = await listen(startHttpServer, {
      settings,
      services: {
        gateway,
        logger,
        operations: app.operations,
        unsupportedParameters: config.unsupportedParameters,
        version,
        mcp,
      },
    });
    greet(http, settings);
    await untilAborted(interrupts.signal);
    await http.close(DRAIN_MS);
    await mcp.close();
  } finally {
    interrupts.stop();
    await app.close();
  }
}

/** What the command line says wins over the file. Throws when strangers could get in. */
function toSettings(server: ResolvedServer, options: ServeOptions): HttpSettings {
  const host = options.host ?? server.host;
  const { port = server.port, insecureNoAuth = false } = options;
  const isWide = !isLoopbackBind(host);
  if (insecureNoAuth && isWide) {
    throw usageError(
      `--insecure-no-auth is possible on loopback only, and ${host} can be reached from elsewhere.`,
      'Listen on 127.0.0.1, or leave the option out and set server.tokens.',
    );
  }
  if (!insecureNoAuth && server.tokens.length === 0) {
    throw new GatewayError(
      'config_invalid',
      isWide
        ? `Signalbox does not listen on ${host} without a token: everybody who reaches it could spend your money.`
        : 'Signalbox needs a token to serve, on this machine too: any program or web page could spend your money.',
      {
        hint: `Set SIGNALBOX_TOKEN to the output of "openssl rand -hex 32", or name it in server.tokens${isWide ? '' : '; or start with --insecure-no-auth'}.`,
      },
    );
  }
  const tokens = server.tokens.map(({ value, tenant, team, user, requestsPerMinute, concurrency }) => ({
    value,
    caller: { tenant, ...(team !== undefined && { team }), ...(user !== undefined && { user }) },
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  }));
  const { allowedHosts, allowedOrigins, bodyBytesMax, connectionsMax, requestsMax, stalledReaderMs } = server;
  const limits = { bodyBytesMax, connectionsMax, requestsMax, stalledReaderMs };
  return { host, port, tokens: insecureNoAuth ? 'open' : tokens, allowedHosts, allowedOrigins, ...limits };
}

/** Addresses that only this machine reaches. Unlike in URLs, 0.0.0.0 and :: are not among them. */
function isLoopbackBind(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** The configuration was checked with its own port; the command line may have named another. */
function refuseCircles({ providers, source }: LoadedConfig, listener: HttpSettings): void {
  const own = providers.find(({ baseUrl }) => baseUrl !== undefined && isOwnAddress(baseUrl, listener));
  if (!own) return;
  throw new GatewayError(
    'config_invalid',
    `${source} providers.${own.id}.baseUrl: is the address Signalbox itself listens on (port ${listener.port}); requests would go round in a circle`,
    { hint: 'Correct the address, or choose another --port.' },
  );
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

function greet({ url }: HttpServer, { tokens, host, allowedHosts }: HttpSettings): void {
  const who = tokens === 'open' ? 'WITHOUT a token' : `${tokens.length} ${tokens.length === 1 ? 'tenant' : 'tenants'}`;
  note(`signalbox ${packageJson.version} listens on ${url} (${who}).`);
  note(`  MCP: ${url}/mcp · OpenAI: ${url}/v1 · Anthropic: ${url} · Ctrl+C ends it.`);
  if (tokens === 'open') note('signalbox: every program on this machine can spend your money (--insecure-no-auth).');
  if (!isLoopbackBind(host)) {
    note('signalbox: this is plain HTTP; put a proxy with TLS in front of it when it leaves the machine.');
    if (allowedHosts.length === 0) {
      note('signalbox: callers have to name it by its own address; add the name they use to server.allowedHosts.');
    }
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
