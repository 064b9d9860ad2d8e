import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as LegacyTransportType } from '@modelcontextprotocol/sdk/shared/transport.js';

/** What is started: the transports' common options. */
export type ServerCommand = {
  readonly command: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stderr?: 'ignore' | 'inherit';
};

/** A server that listens, with the header its callers need. */
export type ServerAddress = { readonly url: string; readonly token?: string };
export type ServerTarget = ServerCommand | ServerAddress;

/** What tests need of a client, so that one suite runs over all of them. */
export type AnyClient = {
  readonly tools: () => Promise<readonly { readonly name: string }[]>;
  // biome-ignore lint/suspicious/noExplicitAny: results of every tool, read by the assertions
  readonly call: (name: string, args: object, options?: object) => Promise<any>;
  readonly read: (uri: string) => Promise<{ readonly contents: readonly object[] }>;
  readonly resources: () => Promise<readonly string[]>;
  readonly instructions: () => string | undefined;
  readonly close: () => Promise<void>;
};

const INFO = { name: 'sdk-test', version: '1.0.0' };

function headersOf({ token }: ServerAddress) {
  return { requestInit: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } } };
}

function whatBothDo(client: Client | LegacyClient): Omit<AnyClient, 'call'> {
  return {
    tools: async () => (await client.listTools()).tools,
    read: (uri) => client.readResource({ uri }),
    resources: async () => [
      ...(await client.listResources()).resources.map(({ uri }) => uri),
      ...(await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ],
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

async function connectV2(target: ServerTarget, options: ClientOptions): Promise<AnyClient> {
  const client = new Client(INFO, options);
  const transport =
    'url' in target
      ? new StreamableHTTPClientTransport(new URL(target.url), headersOf(target))
      : new StdioClientTransport(target);
  await client.connect(transport);
  return {
    ...whatBothDo(client),
    call: (name, args, more) => client.callTool({ name, arguments: { ...args } }, more),
  };
}

async function connectV1(target: ServerTarget): Promise<AnyClient> {
  const client = new LegacyClient(INFO);
  const transport =
    'url' in target ? new LegacyHttpTransport(new URL(target.url), headersOf(target)) : new LegacyTransport(target);
  // Its own types do not allow for exact optional properties.
  await client.connect(transport as LegacyTransportType);
  return {
    ...whatBothDo(client),
    call: (name, args, more) => client.callTool({ name, arguments: { ...args } }, undefined, more),
  };
}

/** Every SDK and era in the field, each with how it connects. */
export const MCP_CLIENTS: readonly (readonly [string, (target: ServerTarget) => Promise<AnyClient>])[] = [
  [
    'SDK 2, pinned to 2026-07-28',
    (target) => connectV2(target, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
  ],
  ['SDK 2, negotiating', (target) => connectV2(target, { versionNegotiation: { mode: 'auto' } })],
  ['SDK 2, older era', (target) => connectV2(target, { versionNegotiation: { mode: 'legacy' } })],
  ['SDK 1', connectV1],
];
