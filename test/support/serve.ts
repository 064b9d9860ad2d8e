import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Service } from '../../src/app/service.ts';
import type { UnsupportedParameters } from '../../src/core/parameters.ts';
import { type HttpServer, startHttpServer } from '../../src/http/http-server.ts';
import type { HttpSettings } from '../../src/http/http-settings.ts';
import type { Route } from '../../src/http/http-types.ts';
import { createMcpEndpoint } from '../../src/http/mcp/create-mcp-endpoint.ts';
import { createWorkplace, type Upstream } from '../e2e/workplace.ts';

export const LAUNCHER = join(import.meta.dirname, '../../bin/signalbox.cjs');
/** Strong enough to be taken; of this test alone. */
export const TOKEN = 'test-token-3kT9vXq2LmZ8';

export type ServeOptions = {
  /** Behind every tier, in order; their model is `<id>/model-under-test`. */
  readonly upstreams: readonly Upstream[];
  /** Further sections of the configuration; `server.tokens` is `TOKEN` unless it is named here. */
  readonly config?: Readonly<Record<string, object>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** How many files the system lets it have open. */
  readonly openFilesMax?: number;
};

export type Served = {
  /** `http://127.0.0.1:12345` */
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has said on standard error so far. */
  stderr(): string;
  /** SIGTERM, then waits for its end; gives the exit code. */
  stop(): Promise<number | null>;
};

/** Starts the real program as a service on a free port; it ends with the test, or with `stop`. */
export async function startServe(options: ServeOptions): Promise<Served> {
  const { close, ...served } = await openServe(options);
  onTestFinished(close);
  return served;
}

/** The same for all tests of a file, which closes it. */
export async function openServe({
  upstreams,
  config = {},
  env = {},
  args = [],
  openFilesMax,
}: ServeOptions): Promise<Served & { close(): Promise<void> }> {
  const place = createWorkplace(upstreams, { ...config, server: { tokens: [TOKEN], ...config.server } });
  const { folder, configPath } = place;
  const command = [process.execPath, LAUNCHER, 'serve', '--port', '0', '--config', configPath, ...args];
  // A shell lowers the limit for what it becomes.
  const prefix = openFilesMax === undefined ? [] : ['sh', '-c', `ulimit -n ${openFilesMax} && exec "$@"`, 'sh'];
  const [program = '', ...rest] = [...prefix, ...command];
  const child = spawn(program, rest, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, USERPROFILE: folder, OLLAMA_HOST: '127.0.0.1:9', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    return child.exitCode;
  };
  const close = async () => {
    child.kill('SIGKILL');
    await exited;
    place.remove();
  };
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /listens on (http:\/\/\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    exited.then(() => reject(new Error(`serve ended before it listened: ${said}`)));
  });
  return { url, token: TOKEN, dataDir: place.dataDir, pid: child.pid ?? 0, child, stderr: () => said, stop, close };
}

export type InProcessOptions = Pick<ServeOptions, 'upstreams'> & {
  /** Further sections of the configuration; not `server`. */
  readonly config?: Readonly<Record<string, object>>;
  readonly settings?: Partial<HttpSettings>;
  readonly routes?: readonly Route[];
  readonly unsupportedParameters?: UnsupportedParameters;
};

export type InProcess = {
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  readonly app: Service;
  readonly http: HttpServer;
};

/** The same within this process, for tests that look inside; it ends with the test. */
export async function startInProcess(options: InProcessOptions): Promise<InProcess> {
  const { close, ...service } = await openInProcess(options);
  onTestFinished(close);
  return service;
}

/** The same for all tests of a file, which closes it. */
export async function openInProcess(options: InProcessOptions): Promise<InProcess & { close(): Promise<void> }> {
  const place = createWorkplace(options.upstreams, options.config);
  const app = await place.openService();
  const { gateway, logger } = app;
  const mcp = createMcpEndpoint({
    gateway,
    logger,
    operations: app.operations,
    alerts: app.alerts,
    enabledTools: () => app.config.tools.enabled,
    version: '0.0.0-test',
  });
  const http = await startHttpServer({
    settings: { ...TEST_SETTINGS, ...options.settings },
    ...(options.routes && { routes: options.routes }),
    states: app.states,
    services: {
      gateway,
      logger,
      operations: app.operations,
      unsupportedParameters: options.unsupportedParameters ?? app.config.unsupportedParameters,
      version: '0.0.0-test',
      mcp,
    },
  });
  const close = async () => {
    await http.close(0);
    await mcp.close();
    await app.close();
    place.remove();
  };
  return { url: http.url, token: TOKEN, dataDir: place.dataDir, app, http, close };
}

export const TEST_SETTINGS: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  tokens: [{ value: TOKEN, caller: { tenant: 'tester' } }],
  allowedOrigins: [],
  allowedHosts: [],
  trustedProxies: [],
  bodyBytesMax: 32 * 1_048_576,
  connectionsMax: 2_000,
  requestsMax: 1_000,
  stalledReaderMs: 60_000,
};
