import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from './launch.ts';

/** Where a client looks for its files. */
export type Machine = {
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type Client = {
  readonly name: string;
  /** Its files for all projects, those that may exist; the first is where a new one is written. */
  readonly configFiles: (machine: Machine) => readonly string[];
  /** What to type or to add to the file, so that it starts Signalbox. */
  readonly snippet: (launch: Launch, keyNames: readonly string[]) => Snippet;
};

export type Snippet = {
  /** Where the text goes; `shell` is typed, `file` is merged into the configuration file. */
  readonly goes: 'shell' | 'file';
  readonly text: string;
  /** How keys reach the server, when the client does not pass the environment on. */
  readonly remark?: string;
};

const claudeDesktop: Client = {
  name: 'Claude Desktop',
  configFiles: (machine) => {
    const file = 'claude_desktop_config.json';
    switch (machine.platform) {
      case 'darwin':
        return [join(machine.homeDir, 'Library/Application Support/Claude', file)];
      case 'win32':
        return windowsClaudeFolders(machine).map((folder) => join(folder, file));
      default:
        return [join(configHome(machine), 'Claude', file)];
    }
  },
  snippet: (launch, keyNames) => ({
    goes: 'file',
    text: toJson({ mcpServers: { signalbox: { ...launch, ...placeholders(keyNames, () => '') } } }),
    remark:
      keyNames.length > 0
        ? 'Paste each key you have between its quotes: it passes none on from the shell. Restart it afterwards.'
        : 'Keys go into "env" beside "args": it passes none on from the shell. Restart it afterwards.',
  }),
};

const claudeCode: Client = {
  name: 'Claude Code',
  configFiles: ({ homeDir, env }) => [join(env.CLAUDE_CONFIG_DIR || homeDir, '.claude.json')],
  snippet: ({ command, args }) => ({
    goes: 'shell',
    text: `claude mcp add --scope user signalbox -- ${[command, ...args].map(quote).join(' ')}`,
    remark: 'It passes the environment of its shell on, keys included.',
  }),
};

const vsCode: Client = {
  name: 'VS Code',
  configFiles: (machine) => {
    const { homeDir, env, platform } = machine;
    switch (platform) {
      case 'darwin':
        return [join(homeDir, 'Library/Application Support/Code/User/mcp.json')];
      case 'win32':
        return [join(env.APPDATA || join(homeDir, 'AppData', 'Roaming'), 'Code', 'User', 'mcp.json')];
      default:
        return [join(configHome(machine), 'Code/User/mcp.json')];
    }
  },
  snippet: (launch, keyNames) => ({
    goes: 'file',
    text: toJson({
      servers: { signalbox: { type: 'stdio', ...launch, ...placeholders(keyNames, (name) => `\${input:${name}}`) } },
      ...(keyNames.length > 0 && {
        inputs: keyNames.map((id) => ({
          type: 'promptString',
          id,
          description: `${id} for Signalbox`,
          password: true,
        })),
      }),
    }),
    ...(keyNames.length > 0 && { remark: 'VS Code asks for each key once and keeps it in its secret store.' }),
  }),
};

const cursor: Client = {
  name: 'Cursor',
  configFiles: ({ homeDir }) => [join(homeDir, '.cursor', 'mcp.json')],
  snippet: (launch, keyNames) => ({
    goes: 'file',
    text: toJson({ mcpServers: { signalbox: { ...launch, ...placeholders(keyNames, (name) => `\${env:${name}}`) } } }),
    ...(keyNames.length > 0 && { remark: 'Cursor reads the keys from the environment it was started in.' }),
  }),
};

/** The clients Signalbox knows how to be added to. */
export const CLIENTS: readonly Client[] = [claudeDesktop, claudeCode, vsCode, cursor];

/** For those who want no process of their own for each client, or speak another API than MCP. */
export const SERVE_HINT =
  'Or over HTTP, for MCP clients and for programs that speak the API of OpenAI or Anthropic: "signalbox serve" needs\n' +
  'a token in SIGNALBOX_TOKEN and prints its addresses; README.md shows what each client needs.';

/** The snippet of every client under its name, as text for a person. */
export function renderSnippets(launch: Launch, keyNames: readonly string[], machine: Machine): string {
  return CLIENTS.map((client) => {
    const { goes, text, remark } = client.snippet(launch, keyNames);
    const place = goes === 'shell' ? 'in a shell' : `in ${client.configFiles(machine)[0]}`;
    return [`${client.name}, ${place}:`, text, ...(remark === undefined ? [] : [`(${remark})`])].join('\n');
  }).join('\n\n');
}

/** The installer's folder, and those of the two packagings of the Store that came after. */
function windowsClaudeFolders({ homeDir, env }: Machine): readonly string[] {
  const roaming = env.APPDATA || join(homeDir, 'AppData', 'Roaming');
  const local = env.LOCALAPPDATA || join(homeDir, 'AppData', 'Local');
  const packaged = globSync(['Claude-Data/claude_*', 'Packages/Claude_*/LocalCache/Roaming/Claude'], { cwd: local });
  return [join(roaming, 'Claude'), ...packaged.map((folder) => join(local, folder))];
}

function configHome({ homeDir, env }: Machine): string {
  return env.XDG_CONFIG_HOME || join(homeDir, '.config');
}

function placeholders(keyNames: readonly string[], toValue: (name: string) => string): object {
  if (keyNames.length === 0) return {};
  return { env: Object.fromEntries(keyNames.map((name) => [name, toValue(name)])) };
}

function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  if (process.platform === 'win32') return `"${argument}"`;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

function toJson(value: object): string {
  return JSON.stringify(value, null, 2);
}
