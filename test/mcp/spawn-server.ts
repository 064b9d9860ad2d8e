import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { McpEntrySettings } from '../support/mcp-entry.ts';

export const ENTRY = join(import.meta.dirname, '..', 'support', 'mcp-entry.ts');

/** How a client starts the server under test. */
export function entryCommand(settings: McpEntrySettings = {}) {
  return { command: process.execPath, args: [ENTRY, JSON.stringify(settings)] };
}

export type WireMessage = {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: { readonly progress?: number; readonly message?: string; readonly progressToken?: unknown };
  // biome-ignore lint/suspicious/noExplicitAny: results of every method, read by the assertions
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
};

const CLIENT_INFO = { name: 'wire-test', version: '1.0.0' };

/** The envelope every request of the 2026-07-28 era carries. */
export const MODERN = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
    'io.modelcontextprotocol/clientCapabilities': {},
  },
} as const;

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT_INFO },
} as const;

/** A server as a real child process, spoken to in raw lines. */
export class SpawnedServer {
  readonly child: ChildProcessWithoutNullStreams;
  readonly messages: WireMessage[] = [];
  /** Lines of standard output that are not JSON: there must never be one. */
  readonly strayLines: string[] = [];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  stderr = '';
  #rest = '';
  readonly #waiters: (() => void)[] = [];

  constructor(settings: McpEntrySettings = {}) {
    const { command, args } = entryCommand(settings);
    this.child = spawn(command, args);
    this.child.stdout.on('data', (chunk: Buffer) => this.#read(chunk.toString('utf8')));
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString('utf8');
    });
    this.child.stdin.on('error', () => {});
    this.exited = new Promise((resolve) => this.child.on('exit', (code, signal) => resolve({ code, signal })));
  }

  send(...messages: readonly (object | string)[]): void {
    for (const message of messages) {
      this.child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
    }
  }

  /** The first message that fits, past or future. */
  async message(fits: (message: WireMessage) => boolean, waitMsMax = 60_000): Promise<WireMessage> {
    const deadline = Date.now() + waitMsMax;
    for (;;) {
      const found = this.messages.find(fits);
      if (found) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no such message; got ${JSON.stringify(this.messages)}; stderr: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  answer(id: string | number): Promise<WireMessage> {
    return this.message((message) => message.id === id);
  }

  async openLegacy(protocolVersion = '2025-11-25'): Promise<WireMessage> {
    this.send({ ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion } });
    const answer = await this.answer('init');
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return answer;
  }

  /** A tool call in the modern era, which needs no opening. */
  callModern(id: string | number, name: string, args: object, meta: object = {}): void {
    this.send({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: args, _meta: { ...MODERN._meta, ...meta } },
    });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      try {
        this.messages.push(JSON.parse(line));
      } catch {
        this.strayLines.push(line);
      }
    }
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

/** A server that is ended after the test, having written nothing but messages to standard output. */
export function start(settings: McpEntrySettings = {}): SpawnedServer {
  const server = new SpawnedServer(settings);
  onTestFinished(async () => {
    server.child.stdin.end();
    await server.exited;
    expect(server.strayLines).toEqual([]);
  });
  return server;
}
