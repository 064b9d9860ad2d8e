import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const VENDOR_SDKS: Record<string, string> = {
  openai: 'openai',
  anthropic: '@anthropic-ai/sdk',
  gemini: '@google/genai',
  groq: 'groq-sdk',
  ollama: 'ollama',
};

/** Kinds that speak another vendor's wire through its client. */
const BORROWED_VENDORS: Record<string, string> = { 'openai-compatible': 'openai' };

/** What a room may import besides itself: other rooms, then packages. See `AGENTS.md`. */
const IMPORTS: Record<string, { readonly rooms: string; readonly packages: string }> = {
  core: { rooms: '', packages: '' },
  config: { rooms: 'core catalog', packages: 'zod jsonc-parser chokidar' },
  catalog: { rooms: 'core', packages: '@pydantic/genai-prices' },
  providers: { rooms: 'core', packages: 'undici' },
  routing: { rooms: 'core', packages: 'tokenx' },
  resilience: { rooms: 'core', packages: '' },
  store: { rooms: 'core', packages: 'better-sqlite3 canonicalize' },
  telemetry: {
    rooms: 'core',
    packages:
      'pino prom-client @opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/resources @opentelemetry/exporter-trace-otlp-http',
  },
  // Only to check answers against the caller's JSON Schema: see docs/decisions.
  gateway: { rooms: 'core routing resilience', packages: '@cfworker/json-schema' },
  mcp: { rooms: 'core gateway', packages: '@modelcontextprotocol/server zod' },
  http: {
    rooms: 'core gateway mcp',
    packages: 'hono @hono/node-server @modelcontextprotocol/server rate-limiter-flexible',
  },
  demo: { rooms: 'core', packages: '@modelcontextprotocol/client' },
  cli: { rooms: 'app core config demo http mcp', packages: 'commander @clack/prompts cli-table3' },
  app: { rooms: 'core config catalog providers routing resilience store telemetry gateway mcp http', packages: '' },
  main: { rooms: 'cli', packages: '' },
  complexity: { rooms: 'routing', packages: '' },
};

/** Rooms that compute only: no file, no socket, no process. */
const PURE_ROOMS = ['core', 'routing', 'resilience'];
const IO_MODULES = /^node:(fs|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|cluster|sqlite|process)/;
/** Of a module that does I/O, names that only compute. */
const COMPUTING_ONLY = /^import \{ BlockList, isIP \} from 'node:net';$/m;
/** What needs no import. */
const IO_GLOBALS = /\bfetch\(|\bprocess\.|\bnew (WebSocket|EventSource|Worker)\b/;
const CLOCK_GLOBALS =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bset(Timeout|Interval|Immediate)\(/;
const FILE_LINES_MAX = 300;

const files = codeIn('src/**/*.ts');

describe('the import table', () => {
  it('has a row for every room, here and in AGENTS.md, with the same rooms', () => {
    const rows = read('AGENTS.md').matchAll(/^\| `src\/(\w+)(?:\.ts)?` \|[^|]*\| ([^|]*) \|/gm);
    const written = [...rows].map(([, room, rooms = '']) => [room, rooms.replace(/^none$|,/g, '')]);
    expect(Object.fromEntries(written)).toEqual(
      Object.fromEntries(Object.entries(IMPORTS).map(([room, { rooms }]) => [room, rooms])),
    );
    expect(Object.keys(IMPORTS)).toEqual(expect.arrayContaining([...new Set(files.map(roomOf))]));
  });

  it.each(files)('holds for %s', (file) => {
    expect(importsOf(file).flatMap((specifier) => violation(file, specifier) ?? [])).toEqual([]);
  });
});

it('pure rooms do no I/O by a global, and routing asks neither the clock nor chance', () => {
  const reaches = (file: string, globals: RegExp) => globals.test(withoutComments(read(file)));
  const pure = files.filter((file) => PURE_ROOMS.includes(roomOf(file)));
  expect(pure.filter((file) => reaches(file, IO_GLOBALS))).toEqual([]);
  expect(pure.filter((file) => roomOf(file) === 'routing' && reaches(file, CLOCK_GLOBALS))).toEqual([]);
});

it(`no file has more than ${FILE_LINES_MAX} lines`, () => {
  const code = codeIn('{bench,bin,examples,scripts,src,test,train}/**/*.{ts,cjs}');
  expect(code).toEqual(expect.arrayContaining(files));
  expect(code.filter((file) => read(file).trimEnd().split('\n').length > FILE_LINES_MAX)).toEqual([]);
});

it('finds imports of every form', () => {
  const source = `import a from 'a'; import type { B } from "b"; import 'c'; export * from 'd'; await import('e'); type F = import('f').F;
    import {\n  g,\n} from 'g'; // import h from 'h'\n /* import 'i' */ const url = 'https://j'; require('k');`;
  expect(specifiersIn(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'k']);
});

it.each([
  ['src/core/x.ts', 'node:fs'],
  ['src/core/x.ts', '../routing/plan.ts'],
  ['src/providers/groq/x.ts', 'openai'],
  ['src/providers/groq/x.ts', '../openai/provider.ts'],
  ['src/gateway/x.ts', '../store/ledger.ts'],
  ['src/http/responses/x.ts', '../openai/from-answer.ts'],
  ['src/store/x.ts', 'pino'],
  ['src/mcp/tools/x.ts', '../../app.ts'],
  ['src/app.ts', './cli/run.ts'],
])('refuses that %s imports %s', (file, specifier) => {
  expect(violation(file, specifier)).toContain(specifier);
});

/** Why the import is not allowed; undefined when it is. */
function violation(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  const row = IMPORTS[room];
  if (specifier.startsWith('node:')) {
    return PURE_ROOMS.includes(room) && IO_MODULES.test(specifier) ? `${room} does no I/O: ${specifier}` : undefined;
  }
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(file), specifier)).replaceAll('\\', '/');
    if (!target.startsWith('src/')) return target === 'package.json' ? undefined : `leaves src: ${specifier}`;
    if (room === 'providers' && isForeignVendor(file, target)) return `another vendor's folder: ${specifier}`;
    if (isForeignDialect(file, target)) return `another dialect's folder: ${specifier}`;
    const targetRoom = roomOf(target);
    const isAllowed = targetRoom === room || row?.rooms.split(' ').includes(targetRoom);
    return isAllowed ? undefined : `${room} may not import ${targetRoom}: ${specifier}`;
  }
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const isOwnSdk = room === 'providers' && VENDOR_SDKS[vendorOf(file) ?? ''] === name;
  return isOwnSdk || row?.packages.split(' ').includes(name) ? undefined : `${room} may not import ${specifier}`;
}

/** `src/core/ids.ts` is in room core, `src/app.ts` is a room of its own. */
function roomOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.ts$/, '');
}

function vendorOf(path: string): string | undefined {
  return /^src\/providers\/([^/]+)\//.exec(path)?.[1];
}

/** The table of factories may import every vendor; a vendor only itself and what is shared. */
function isForeignVendor(file: string, target: string): boolean {
  const from = vendorOf(file);
  const to = vendorOf(target);
  if (from === undefined || to === undefined || to === 'shared' || from === to) return false;
  return BORROWED_VENDORS[from] !== to;
}

/** A dialect imports only itself, and what OpenAI's two share. */
function isForeignDialect(file: string, target: string): boolean {
  const [from, to] = [file, target].map((path) => /^src\/http\/(openai|responses|anthropic)\//.exec(path)?.[1]);
  if (from === undefined || to === undefined || from === to) return false;
  return from !== 'responses' || !target.startsWith('src/http/openai/shared/');
}

function importsOf(file: string): string[] {
  return specifiersIn(read(file).replace(COMPUTING_ONLY, ''));
}

function specifiersIn(source: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\s]+)\1/g;
  return [...withoutComments(source).matchAll(pattern)].map((match) => match[2] ?? '');
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
}

/** With slashes on Windows too. */
function codeIn(pattern: string): string[] {
  return globSync(pattern, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
