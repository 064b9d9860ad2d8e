import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json/json.ts';
import { demoConfig } from './demo-config.ts';
import type { DemoVendors } from './demo-vendors.ts';

/** How the real server is started. */
export type DemoLaunch = { readonly command: string; readonly args: readonly string[] };

export type DemoSession = {
  /** Calls a tool of the server as any MCP client does. */
  readonly call: (tool: string, args: JsonObject) => Promise<Readonly<Record<string, unknown>>>;
  readonly close: () => Promise<void>;
};

export type DemoSessionOptions = {
  readonly launch: DemoLaunch;
  readonly vendors: DemoVendors;
  readonly signal: AbortSignal;
};

/** Enough of the server's log to see why it failed. */
const LOG_CHARACTERS_MAX = 2_000;
const CLIENT = { name: 'signalbox-demo', version: '1.0.0' };

/** Starts the real server on stdio, in a folder of its own that is removed at the end, and connects to it. */
export async function openDemoSession({ launch, vendors, signal }: DemoSessionOptions): Promise<DemoSession> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-demo-'));
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  let log = '';
  try {
    const configPath = join(folder, 'mcp.config.json');
    await writeFile(configPath, demoConfig(vendors));
    const [{ Client }, { StdioClientTransport }] = await Promise.all([
      import('@modelcontextprotocol/client'),
      import('@modelcontextprotocol/client/stdio'),
    ]);
    const transport = new StdioClientTransport({
      command: launch.command,
      args: [...launch.args, '--config', configPath, '--data-dir', join(folder, 'data')],
      // No key and no setting of the user reaches the server: the SDK passes on only what a program
      // needs to run, and the home folder is the demo's own.
      env: { HOME: folder, USERPROFILE: folder },
      cwd: folder,
      stderr: 'pipe',
    });
    transport.stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-LOG_CHARACTERS_MAX);
    });
    const client = new Client(CLIENT, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(transport, { signal });
    return {
      call: (tool, args) => callTool(client, tool, { args, signal }),
      close: async () => {
        await client.close();
        await removeFolder();
      },
    };
  } catch (cause) {
    await removeFolder();
    if (signal.aborted) throw cause;
    throw new GatewayError('internal', `The server of the demo did not start. Its log: ${log.trim() || 'empty'}`, {
      cause,
    });
  }
}

async function callTool(
  client: Client,
  name: string,
  { args, signal }: { readonly args: JsonObject; readonly signal: AbortSignal },
): Promise<Readonly<Record<string, unknown>>> {
  const result = await client.callTool({ name, arguments: args }, { signal });
  if (result.isError || !result.structuredContent) {
    const said = result.content.map((part) => (part.type === 'text' ? part.text : '')).join(' ');
    throw new GatewayError('internal', `The tool ${name} failed in the demo: ${said}`);
  }
  return result.structuredContent as Readonly<Record<string, unknown>>;
}
