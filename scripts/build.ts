/**
 * Builds the published package into `dist/`: one bundle with its own package.json. Only
 * better-sqlite3 stays a dependency, since it carries binaries. Run by `npm run build`.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { rolldown } from 'rolldown';
import { flattenDeclarations } from './flatten-declarations.ts';
import { linkedDocuments } from './linked-documents.ts';
import { renderThirdPartyNotices } from './third-party-notices.ts';

const repository = join(import.meta.dirname, '..');
const finished = join(repository, 'dist');
/** Built aside and moved at the end, so that a failed build leaves the last good one. */
const workshop = join(repository, 'node_modules/.cache', `signalbox-build-${process.pid}`);

const EXTERNAL = ['better-sqlite3'];
const COPIED = ['bin/signalbox.cjs', 'LICENSE', 'README.md', 'CHANGELOG.md', 'mcp.config.json'];

try {
  const modules = await bundle();
  for (const file of [...COPIED, ...linkedDocuments(COPIED)]) copy(file);
  writeFileSync(join(workshop, 'complexity.d.mts'), flattenDeclarations('src/complexity.ts'));
  chmodSync(join(workshop, 'bin/signalbox.cjs'), 0o755);
  writeFileSync(join(workshop, 'THIRD-PARTY-NOTICES'), renderThirdPartyNotices(modules));
  writeFileSync(join(workshop, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  await judge();
  rmSync(finished, { recursive: true, force: true });
  renameSync(workshop, finished);
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
const megabytes = (sizeBytes(finished) / 1e6).toFixed(1);
process.stdout.write(`dist/ is built: ${megabytes} MB, ${readdirSync(join(finished, 'chunks')).length} chunks.\n`);

/** Writes the chunks and returns the paths of all modules that went into them. */
async function bundle(): Promise<string[]> {
  const build = await rolldown({
    input: { main: join(repository, 'src/main.ts'), complexity: join(repository, 'src/complexity.ts') },
    platform: 'node',
    external: EXTERNAL,
    // jsonc-parser's `main` is a UMD file whose inner requires no bundler can follow.
    resolve: { mainFields: ['module', 'main'] },
    onLog(level, log, report) {
      report(level === 'warn' ? 'error' : level, log);
    },
  });
  const { output } = await build.write({
    dir: workshop,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: 'chunks/[name]-[hash].mjs',
    // Half the size. Names of functions and classes stay, for stack traces in the log.
    minify: { compress: true, mangle: { keepNames: true }, codegen: true },
  });
  await build.close();
  return output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
}

function manifest(): object {
  const root = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as Record<string, unknown> & {
    dependencies: Record<string, string>;
  };
  const { name, version, description, keywords, license, engines, bin } = root;
  return {
    name,
    version,
    description,
    keywords,
    license,
    type: 'module',
    bin,
    exports: {
      './complexity': { types: './complexity.d.mts', default: './complexity.mjs' },
      './package.json': './package.json',
    },
    engines,
    files: ['bin', 'chunks', 'docs', '*.mjs', '*.d.mts', 'mcp.config.json', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES'],
    dependencies: Object.fromEntries(EXTERNAL.map((dependency) => [dependency, root.dependencies[dependency]])),
  };
}

/** Throws where a consumer of the package would stumble; before the move, since what is in `dist/` counts as good. */
async function judge(): Promise<void> {
  const { messages, pkg } = await publint({ pkgDir: workshop, strict: true, pack: false });
  if (messages.length > 0) throw new Error(messages.map((message) => formatMessage(message, pkg)).join('\n'));
}

function copy(file: string): void {
  const target = join(workshop, file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(repository, file), target);
}

function sizeBytes(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, entry) => sum + sizeBytes(join(path, entry)), 0);
}
