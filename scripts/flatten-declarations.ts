/**
 * The types of one entry in one file: what it exports and what that needs, and no other module. The pinned
 * compiler writes the declarations of all modules; those that are needed are taken out of them word for word.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..');
/** Inside the repository, where the compiler finds the types of packages. */
const caches = join(repository, 'node_modules/.cache');

type Module = {
  /** By name: its text with its comment, without `export`. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Of what it imports or passes on, by name: the path of the module that has it. */
  readonly others: ReadonlyMap<string, string>;
};

const OTHERS = /^(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']*)\.ts';$/;
const DECLARED = /^(?:export )?(?:declare )?(?:type|interface|class|function|const) ([\w$]+)/;
const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/.*/g;

/** The declarations for `entry`, a path from the root of the repository. Throws when names of two modules collide. */
export function flattenDeclarations(entry: string): string {
  mkdirSync(caches, { recursive: true });
  const folder = mkdtempSync(join(caches, 'signalbox-types-'));
  try {
    emitDeclarations(entry, folder);
    const path = join(folder, entry.replace(/\.ts$/, '.d.ts'));
    const names = [...parseModule(path).others.keys()];
    const taken = new Map<string, string>();
    for (const name of names) take(name, path, taken);
    return `${[...taken.values(), `export { ${names.join(', ')} };`].join('\n').replaceAll(/^ {4}/gm, '  ')}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function emitDeclarations(entry: string, outDir: string): void {
  const project = join(outDir, 'tsconfig.json');
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: repository, outDir };
  const files = [join(repository, entry)];
  writeFileSync(
    project,
    JSON.stringify({ extends: join(repository, 'tsconfig.json'), compilerOptions, files, include: [] }),
  );
  const compiler = join(repository, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] });
}

/** Adds a declaration, and whatever of ours it names. */
function take(name: string, path: string, taken: Map<string, string>): void {
  const { declarations, others } = parseModule(path);
  const text = declarations.get(name);
  if (text === undefined) {
    const other = others.get(name);
    if (other === undefined) throw new Error(`${path} has no declaration of ${name}.`);
    take(name, other, taken);
    return;
  }
  const before = taken.get(name);
  if (before === text) return;
  if (before !== undefined) throw new Error(`Two modules declare ${name}; one file cannot hold both.`);
  taken.set(name, text);
  const words = new Set(text.replaceAll(COMMENTS, '').match(/[\w$]+/g));
  for (const near of [...declarations.keys(), ...others.keys()]) if (words.has(near)) take(near, path, taken);
}

/** The compiler writes each statement from the margin on, with its comment before it. */
function parseModule(path: string): Module {
  const declarations = new Map<string, string>();
  const others = new Map<string, string>();
  let comment = '';
  for (const statement of readFileSync(path, 'utf8')
    .trimEnd()
    .split(/\n(?=[a-z]|\/\*\*)/)) {
    const [, names = '', other] = OTHERS.exec(statement) ?? [];
    const declared = DECLARED.exec(statement)?.[1];
    if (other !== undefined) {
      for (const name of names.split(','))
        others.set(name.replace(/\btype /, '').trim(), join(path, '..', `${other}.d.ts`));
    } else if (declared !== undefined) {
      declarations.set(declared, comment + statement.replace(/^export /, ''));
    }
    comment = statement.startsWith('/**') && declared === undefined ? `${statement}\n` : '';
  }
  return { declarations, others };
}
