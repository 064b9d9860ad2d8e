import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { renderCliReference } from '../../src/cli/render-docs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { launcher, openWorkplace, signalbox } from './run-signalbox.ts';

const COMMANDS = [
  'serve',
  'ask',
  'route',
  'status',
  'costs',
  'models',
  'log',
  'reconcile',
  'score',
  'learn',
  'check',
  'init',
  'doctor',
  'demo',
];

describe('a command line that is wrong', () => {
  it.each([
    ['a misspelled command', ['stauts'], 'There is no command "stauts"; did you mean "status"?'],
    [
      'a misspelled command with options',
      ['sevre', '--port', '1'],
      'There is no command "sevre"; did you mean "serve"?',
    ],
    ['a command of a later version', ['replay'], 'There is no command "replay".'],
    ['help for a command there is not', ['help', 'chekc'], 'There is no command "chekc"; did you mean "check"?'],
    ['a misspelled option', ['ask', '--modle', 'x', 'Hi'], "Unknown option '--modle'; did you mean --model?"],
    ['an unknown option without a command', ['--port', '1'], "Unknown option '--port'."],
    ['a prompt without quotes', ['ask', 'what', 'is', 'this'], 'The prompt is more than one argument.'],
    [
      'an argument too many',
      ['status', 'now'],
      "Too many arguments for 'status'. Expected 0 arguments but got 1: now.",
    ],
    ['an option without its value', ['check', '--config'], "Option '--config <file>' argument missing."],
    [
      'an option in the place of a path',
      ['doctor', '--config', '--data-dir', '/nowhere'],
      "Option '--config <file>' argument '--data-dir' is invalid. It looks like an option; a path would be ./--data-dir.",
    ],
    [
      'an empty path',
      ['--config='],
      "Option '--config <file>' argument '' is invalid. It is empty; give a path, or leave the option out.",
    ],
    [
      'an empty path of a command',
      ['status', '--data-dir', ' '],
      "Option '--data-dir <folder>' argument ' ' is invalid. It is empty; give a path, or leave the option out.",
    ],
    [
      'a configuration that is not there',
      ['--config', '/nowhere.json'],
      'The configuration /nowhere.json does not exist.',
    ],
  ])('gets one clear sentence, a hint and exit code 2: %s', async (_what, args, sentence) => {
    const { code, stdout, stderr } = await signalbox(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [first, hint, ...rest] = stderr.trimEnd().split('\n');
    expect(first).toBe(`signalbox: ${sentence}`);
    expect(hint).toMatch(/^ {2}\S/);
    expect(rest).toEqual([]);
  });

  it('always prints JSON with --json', async () => {
    const word = fc.constantFrom('--tier', '--config', 'expert', '/nowhere.json', 'Hi', '--modle', '--limit', 'x', '-');
    const lines = fc.tuple(
      fc.constantFrom('ask', 'status', 'log', 'asks', '', 'doctor'),
      fc.array(word, { maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(lines, async ([command, words]) => {
        const args = [...(command === '' ? [] : [command]), ...words, '--json'];
        const { code, stdout } = await signalbox(args);
        const printed = stdout.trimEnd().split('\n');
        // No line is as good as none: an empty log.
        if (command === 'log' && code === 0) return;
        expect(() => JSON.parse(stdout), printed[0]).not.toThrow();
        if (command !== 'doctor' && code !== 0)
          expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) } });
      }),
      { numRuns: 12 },
    );
  });
});

describe('help', () => {
  it.each([[['--help']], [['help']], [['-h']]])('lists the commands of this version: %s', async (args) => {
    const { code, stdout, stderr } = await signalbox(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).not.toMatch(/^ {2}replay /m);
  });

  it('shows the options of a command, and those of all', async () => {
    const { stdout } = await signalbox(['ask', '--help']);
    expect(stdout).toContain('--json-schema <file>');
    expect(stdout).toContain('--data-dir <folder>');
    expect((await signalbox(['help', 'ask'])).stdout).toBe(stdout);
  });

  it('prints the version', async () => {
    expect(await signalbox(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  it('is the reference too: every command has its section and its options', () => {
    const reference = renderCliReference();
    for (const command of COMMANDS) expect(reference).toContain(`\n## ${command}\n`);
    expect(reference).toContain('| `--tier <tier>` |');
    expect(reference).toContain('`--config <file>`');
  });
});

// Windows removes no folder that a process works in.
describe.skipIf(process.platform === 'win32')('in a folder that is removed meanwhile', () => {
  it.each([[[]], [['check']], [['doctor']], [['serve']], [['init', '--yes']]])('%j says so', async (command) => {
    const folder = join(temporaryFolder(), 'removed');
    mkdirSync(folder);
    const line = ['-c', 'rmdir "$PWD" && exec "$@"', 'sh', process.execPath, launcher, ...command];
    const { status, stdout, stderr } = spawnSync('sh', line, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, OLLAMA_HOST: '127.0.0.1:9' },
      encoding: 'utf8',
    });
    expect(stdout + stderr).toContain('The folder that this was started in is there no more.');
    expect(stderr).not.toContain('failed inside');
    expect(status).toBe(command[0] === 'doctor' ? 1 : 2);
  });
});

describe('--config and --data-dir', () => {
  it.each([
    ['before the command', (options: readonly string[]) => [...options, 'check', '--json']],
    ['after the command', (options: readonly string[]) => ['check', '--json', ...options]],
  ])('are taken %s', async (_where, line) => {
    const { options, folder } = await openWorkplace();
    const { stdout } = await signalbox(line([...options, '--data-dir', 'books']), { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ source: options[1], data_dir: expect.stringMatching(/[\\/]books$/) });
  });
});
