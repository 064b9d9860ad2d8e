import { homedir } from 'node:os';
import type { LoadedConfig } from '../../config/load-config.ts';
import { isOwnAddress } from '../../config/providers/own-address.ts';
import { type ResolvedServer, resolveServer } from '../../config/server/resolve-server.ts';
import { GatewayError } from '../../core/errors.ts';
import type { HttpSettings } from '../../http/http-settings.ts';
import { usageError } from '../output/failure.ts';
import { findConfig, type GlobalOptions, workingFolder } from '../session.ts';

/** What the command line of `signalbox serve` says. */
export type ServeOptions = GlobalOptions & {
  readonly host?: string;
  readonly port?: number;
  readonly insecureNoAuth?: boolean;
};

/** Everything `signalbox serve` runs on, read and checked as one. */
export type ServeConfig = {
  readonly config: LoadedConfig;
  readonly settings: HttpSettings;
  /** The callers' tokens: never to be logged. */
  readonly secrets: readonly string[];
};

/** Reads the configuration with its section `server`. Throws `config_invalid` with every fault and its place. */
export async function loadServeConfig(options: ServeOptions): Promise<ServeConfig> {
  const config = await findConfig(options);
  const server = await resolveServer(options.insecureNoAuth ? withoutTokens(config) : config, {
    env: process.env,
    cwd: workingFolder(),
    homeDir: homedir(),
    platform: process.platform,
  });
  const settings = toSettings(server, options);
  refuseCircles(config, settings);
  const warnings = [...config.warnings, ...server.warnings];
  return { config: { ...config, warnings }, settings, secrets: server.tokens.map(({ value }) => value) };
}

/** Nobody needs a token, so none has to be there: the variable of one may well be unset. */
function withoutTokens(config: LoadedConfig): LoadedConfig {
  return { ...config, server: { ...config.server, tokens: [] } };
}

/** What the command line says wins over the file. Throws when strangers could get in. */
function toSettings(server: ResolvedServer, options: ServeOptions): HttpSettings {
  // Sockets take an address of IPv6 without the brackets that URLs have.
  const host = (options.host ?? server.host).replace(/^\[(.*)\]$/, '$1');
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
  const { allowedHosts, allowedOrigins, trustedProxies, bodyBytesMax, connectionsMax, requestsMax, stalledReaderMs } =
    server;
  const limits = { bodyBytesMax, connectionsMax, requestsMax, stalledReaderMs };
  return {
    host,
    port,
    tokens: insecureNoAuth ? 'open' : tokens,
    allowedHosts,
    allowedOrigins,
    trustedProxies,
    ...limits,
  };
}

/** Addresses that only this machine reaches. Unlike in URLs, 0.0.0.0 and :: are not among them. */
export function isLoopbackBind(host: string): boolean {
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
