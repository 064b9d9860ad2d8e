import { existsSync, type Stats } from 'node:fs';
import { chmod, chown, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { expandHome, filled } from '../../config/folders.ts';
import { GatewayError } from '../../core/errors.ts';
import { findLaunch, findLauncher, isLasting, withOptions } from '../clients/launch.ts';
import type { Choices } from '../init/choices.ts';
import { usageError } from '../output/failure.ts';
import { bold, doubtful, good, print } from '../output/terminal.ts';
import { findConfig, type GlobalOptions, workingFolder } from '../session.ts';

type InitOptions = GlobalOptions & { readonly yes?: boolean; readonly force?: boolean };

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write a configuration, and show how to add Signalbox to a client')
    .option('--yes', 'ask nothing: take what is found')
    .option('--force', 'replace a configuration that is there')
    .action(async (_own: unknown, command: Command) => {
      await init(command.optsWithGlobals<InitOptions>());
    });
}

async function init({ config, dataDir, yes, force }: InitOptions): Promise<void> {
  const { env, platform } = process;
  const [cwd, homeDir] = [workingFolder(), homedir()];
  // Where every command looks for it. Shells leave the `~` of `--config=~/x` as it is.
  const file = resolve(cwd, expandHome(config ?? filled(env.SIGNALBOX_CONFIG) ?? 'mcp.config.json', homeDir));
  if (existsSync(file) && !force) {
    throw usageError(
      `There is a configuration already: ${file}`,
      'Use --force to replace it, or --config for another place.',
    );
  }
  if (!yes && !(process.stdin.isTTY && process.stdout.isTTY)) {
    throw usageError('"signalbox init" asks questions and needs a terminal.', 'Use --yes to take what is found.');
  }
  const { defaultChoices, detectProviders, interview } = await import('../init/choices.ts');
  const detected = await detectProviders({ env, cwd, homeDir, platform });
  const choices = yes ? defaultChoices(detected) : await interview(detected);
  if (choices === undefined) {
    throw new GatewayError('cancelled', 'Cancelled; nothing was written.', { hint: 'Run it again at any time.' });
  }
  const { renderConfig } = await import('../init/render-config.ts');
  await write(file, renderConfig(choices, schemaFor(file)), force === true);
  print(`${bold('Written')}: ${file}`);
  // Read back as every command will, so that what was written is known to be right.
  const { providers } = await findConfig({ config: file, dataDir });
  for (const { id, status } of providers) {
    const keyName = choices.providers.find((chosen) => chosen.id === id)?.keyNames[0];
    print(`  ${id}: ${status === 'configured' ? good('ready') : doubtful(`set ${keyName} to use it`)}`);
  }
  print('');
  await showNext(choices, { config: file, dataDir });
}

async function showNext({ providers }: Choices, options: GlobalOptions): Promise<void> {
  const { renderSnippets, SERVE_HINT } = await import('../clients/clients.ts');
  const keyNames = providers.flatMap(({ keyName, keyNames: [usual] }) => keyName ?? usual ?? []);
  const machine = { platform: process.platform, homeDir: homedir(), env: process.env };
  print(bold('Add it to a client'));
  print('');
  print(renderSnippets(withOptions(findLaunch(), options, machine.homeDir), keyNames, machine));
  print('');
  print('Then: "signalbox check" shows what the configuration comes to, "signalbox doctor" tries the keys,');
  print('"signalbox ask Hi" asks a first question.');
  print(SERVE_HINT);
}

/** Without `force` the file must not have come to be meanwhile; with it, what is there stays whole until ours is. */
async function write(file: string, text: string, force: boolean): Promise<void> {
  // What a link leads to is replaced, not the link.
  const target = force ? await realpath(file).catch(() => file) : file;
  const written = force ? `${target}.partial` : file;
  try {
    await mkdir(dirname(target), { recursive: true });
    // One that was killed may have left it.
    if (force) await rm(written, { force: true });
    const former = await stat(target).catch(() => undefined);
    await writeFile(written, text, { flag: 'wx', mode: former && 0o600 });
    if (former) await handOver(written, former);
    if (force) await replace(target, written, text);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    // Half of one, as a full disk leaves it, would stop every command, and the next `init` too.
    if (force || code !== 'EEXIST') await rm(written, { force: true }).catch(() => {});
    throw usageError(`${file} cannot be written (${code}).`, 'Choose another place with --config.');
  }
}

/** What is mounted by itself, as a file in a container is, can be written but not replaced. */
async function replace(target: string, written: string, text: string): Promise<void> {
  try {
    await rename(written, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    const former = await readFile(target);
    // On a full disk the former one takes the room that it had.
    await writeFile(target, text).catch(async (fault) => {
      await writeFile(target, former);
      throw fault;
    });
    await rm(written);
  }
}

/** To whom the former one belonged, as far as we may, and for its readers: a service may run as somebody else than who writes this. */
async function handOver(file: string, { uid, gid, mode }: Stats): Promise<void> {
  await chown(file, uid, gid).catch(() => {});
  await chmod(file, mode & 0o777);
}

/** The schema for editors, where it lies at a place that stays: not in a package manager's cache. */
function schemaFor(file: string): string | undefined {
  const launcher = findLauncher();
  if (!isLasting(launcher)) return undefined;
  const schema = join(dirname(launcher), '..', 'docs', 'mcp.config.schema.json');
  if (!existsSync(schema)) return undefined;
  const path = relative(dirname(file), schema).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}
