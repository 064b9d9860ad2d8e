import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { toHumanLine } from '../../src/telemetry/human-line.ts';

const modules = join(import.meta.dirname, '../../src');
const SECRET = 'sk-live-0123456789abcdef';

/** A real process that logs; its stdout must stay empty. */
function start(body: string) {
  const source = `
    import { createLogger } from '${modules}/telemetry/logger.ts';
    import { GatewayError } from '${modules}/core/errors.ts';
    const logger = createLogger({ level: 'info', secrets: ['${SECRET}'] });
    ${body}`;
  return spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(body: string) {
  const child = start(body);
  const [out, log, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ]);
  return {
    out,
    code,
    records: log
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('the logger', () => {
  it('writes one JSON object a line to stderr and nothing to stdout', async () => {
    const { out, records } = await run(`logger.warn({ provider: 'groq', untilMs: 7 }, 'Provider groq rests.');
      logger.error({}, 'two\\nlines');`);
    expect(out).toBe('');
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({ level: 'warn', provider: 'groq', untilMs: 7, message: 'Provider groq rests.' });
    expect(records[0]?.pid).toBeTypeOf('number');
    expect(new Date(String(records[0]?.time)).getTime()).toBeGreaterThan(0);
    expect(records[1]?.message).toBe('two\nlines');
  });

  it('keeps what is below its level to itself', async () => {
    const { records } = await run(`logger.debug({}, 'quiet'); logger.info({}, 'heard');`);
    expect(records.map(({ message }) => message)).toEqual(['heard']);
  });

  it('writes an error with its code, stack and causes', async () => {
    const { records } = await run(`const cause = new Error('socket closed');
      logger.error({ error: new GatewayError('provider_error', 'It failed.', { cause }) }, 'A call failed.');`);
    expect(records[0]?.error).toMatchObject({ code: 'provider_error' });
    expect(JSON.stringify(records[0]?.error)).toContain('caused by: Error: socket closed');
  });

  it('writes no stack of what the disk refuses', async () => {
    const { records } = await run(`const cause = Object.assign(new Error('disk is full'), { code: 'ENOSPC' });
      logger.error({ error: cause }, 'one');
      logger.error({ error: new GatewayError('storage_unavailable', 'No room.', { cause }) }, 'two');`);
    expect(records.map(({ error }) => error)).toEqual([
      { type: 'Error', message: 'disk is full', code: 'ENOSPC' },
      expect.objectContaining({ code: 'storage_unavailable', message: 'No room.: disk is full' }),
    ]);
    expect(JSON.stringify(records)).not.toContain('    at ');
  });

  it('masks secrets in messages, fields, errors and their causes, encoded or not', async () => {
    const { records } = await run(`const secret = '${SECRET}';
      logger.warn({ nested: { list: ['Bearer ' + secret] } }, 'sent ' + secret);
      logger.warn({ basic: Buffer.from('user:' + secret).toString('base64') }, 'encoded');
      logger.error({ error: new Error(secret, { cause: new Error('was ' + secret) }) }, 'failed');`);
    const written = JSON.stringify(records);
    expect(written.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(5);
    expect(written).not.toContain(SECRET.slice(0, 8));
    expect(written).not.toContain(Buffer.from(SECRET).toString('base64').slice(4, 12));
  });

  it('has written everything when the process exits at once', async () => {
    const { records, code } = await run(`for (let i = 0; i < 100; i++) logger.info({ i }, 'line'); process.exit(3);`);
    expect([records.length, code]).toEqual([100, 3]);
  });

  it('neither stops nor delays a process whose stderr nobody reads', async () => {
    const child = start(`for (let i = 0; i < 200; i++) logger.warn({ filler: 'x'.repeat(10_000) }, 'line');
      process.stdout.write('still here'); setTimeout(() => process.exit(5), 50);`);
    child.stderr.pause();
    expect(await text(child.stdout)).toBe('still here');
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(5);
  });

  it('goes on when stderr is closed', async () => {
    const child = start(`setInterval(() => logger.warn({}, 'line'), 5);
      setTimeout(() => { process.stdout.write('still here'); process.exit(5); }, 200);`);
    child.stderr.destroy();
    expect(await text(child.stdout)).toBe('still here');
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(5);
  });
});

it('a line for people has the time, the level, the message and the fields', () => {
  const error = { type: 'Error', message: 'It failed.', stack: 'Error: It failed.\n  at x' };
  const record = {
    level: 'warn',
    time: '2026-11-20T12:03:04.567Z',
    pid: 1,
    provider: 'groq',
    reason: 'it said:\nno',
    error,
    message: 'It rests.',
  };
  const line = stripVTControlCharacters(toHumanLine(`${JSON.stringify(record)}\n`));
  expect(line).toBe('12:03:04 warn  It rests. provider=groq reason="it said:\\nno" error="It failed."\n');
});
