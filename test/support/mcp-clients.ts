import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

/** What is started: the transports' common options. */
export type ServerCommand = {
  readonly command: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stderr?: 'ignore' | 'inherit';
};

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

async function connectV2(command: ServerCommand, options: ClientOptions): Promise<AnyClient> {
  const client = new Client(INFO, options);
  await client.connect(new StdioClientTransport(command));
  return {
    tools: async () => (await client.listTools()).tools,
    call: (name, args, more) => client.callTool({ name, arguments: { ...args } }, more),
    read: (uri) => client.readResource({ uri }),
    resources: async () => [
      ...(await client.listResources()).resources.map(({ uri }) => uri),
      ...(await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ],
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

async function connectV1(command: ServerCommand): Promise<AnyClient> {
  const client = new LegacyClient(INFO);
  await client.connect(new LegacyTransport(command));
  return {
    tools: async () => (await client.listTools()).tools,
    call: (name, args, more) => client.callTool({ name, arguments: { ...args } }, undefined, more),
    read: (uri) => client.readResource({ uri }),
    resources: async () => [
      ...(await client.listResources()).resources.map(({ uri }) => uri),
      ...(await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    ],
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

/** Every SDK and era in the field, each with how it connects. */
export const MCP_CLIENTS: readonly (readonly [string, (command: ServerCommand) => Promise<AnyClient>])[] = [
  [
    'SDK 2, pinned to 2026-07-28',
    (command) => connectV2(command, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
  ],
  ['SDK 2, negotiating', (command) => connectV2(command, { versionNegotiation: { mode: 'auto' } })],
  ['SDK 2, older era', (command) => connectV2(command, { versionNegotiation: { mode: 'legacy' } })],
  ['SDK 1', connectV1],
];
