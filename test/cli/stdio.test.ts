import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ref } from '../config/load.ts';
import { openWorkplace, signalbox, startSignalbox } from './run-signalbox.ts';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

describe('signalbox without a command', () => {
  it.each([
    ['--config FILE', (options: readonly string[]) => options],
    ['--config=FILE', ([, file]: readonly string[]) => [`--config=${file}`]],
    ['options for the parser', (options: readonly string[]) => [...options, '--data-dir', 'books']],
  ])('is an MCP server on stdio, with %s', async (_how, line) => {
    const { options, folder } = await openWorkplace();
    const child = startSignalbox(line(options), { cwd: folder });
    child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(chunk.toString())).toMatchObject({ id: 1, result: { serverInfo: { name: 'signalbox' } } });
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('prints nothing but protocol: warnings go to standard error, once', async () => {
    const { options, folder } = await openWorkplace({
      providers: { groq: { kind: 'groq', apiKey: ref('SIGNALBOX_TEST_KEY') } },
      routing: {},
      models: {},
    });
    const { code, stdout, stderr } = await signalbox(options, {
      cwd: folder,
      input: `${JSON.stringify(INITIALIZE)}\n`,
    });
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual([1]);
    expect(stderr.match(/SIGNALBOX_TEST_KEY is not set/g)).toHaveLength(1);
  });

  it('does not start with a wrong configuration: it names the place and exits with 2', async () => {
    const { options, folder } = await openWorkplace({ cahce: {} });
    const { code, stdout, stderr } = await signalbox(options, { cwd: folder, input: '' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^signalbox: .*mcp\.config\.json:1:\d+ cahce: /);
  });
});
