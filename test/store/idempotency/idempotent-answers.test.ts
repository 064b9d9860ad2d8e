import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KeyClaim, RepeatableRequest } from '../../../src/core/ports.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { SqliteIdempotentAnswers } from '../../../src/store/idempotency/idempotent-answers.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { change, filesOf, inspect, longestStallMs, loud, recordingLogger } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type Options = Partial<ConstructorParameters<typeof SqliteIdempotentAnswers>[0]>;

function open(folder = temporaryFolder(), more: Options = {}) {
  const clock = createFakeClock();
  const logger = recordingLogger();
  const answers = new SqliteIdempotentAnswers({ folder, clock, logger, ...more });
  onTestFinished(() => answers.close());
  const nowMs = () => (more.clock ?? clock).nowMs();
  return {
    folder,
    clock,
    logger,
    answers,
    path: join(folder, 'idempotency.db'),
    claim: (more: Partial<RepeatableRequest> = {}, forMs = MINUTE_MS) =>
      answers.claim({ tenant: 'anna', key: 'k-1', content: ['/v1', 'body'], ...more }, nowMs() + forMs),
  };
}

function first(claim: KeyClaim) {
  if (claim.type !== 'first') throw new Error(`the key is ${claim.type}`);
  return claim;
}

const sizes = (path: string) =>
  inspect<{ tenant: string; bytes: number }>(path, 'SELECT tenant, bytes FROM holdings ORDER BY tenant');
const recomputed = (path: string) =>
  inspect<{ tenant: string; bytes: number }>(
    path,
    'SELECT tenant, sum(bytes) AS bytes FROM answers GROUP BY tenant ORDER BY tenant',
  );

describe('a key', () => {
  it('is taken by the first request, and its answer is for the same request alone', async () => {
    const { claim } = open();
    const held = first(await claim());
    expect(await claim()).toEqual({ type: 'under-way' });
    await held.keep('the answer, with ü and 🎉');
    expect(await claim()).toEqual({ type: 'answered', answer: 'the answer, with ü and 🎉' });
    expect(await claim({ content: ['/v1', 'other'] })).toEqual({ type: 'other-request' });
    // The same bytes, divided otherwise.
    expect(await claim({ content: ['/v', '1body'] })).toEqual({ type: 'other-request' });
    expect(await claim({ tenant: 'bert' })).toMatchObject({ type: 'first' });
    expect(await claim({ key: 'k-2' })).toMatchObject({ type: 'first' });
  });

  it('is of another request also while the first is under way', async () => {
    const { claim } = open();
    first(await claim());
    expect(await claim({ content: ['/v1', 'other'] })).toEqual({ type: 'other-request' });
  });

  it('is free after a failure, for any request', async () => {
    const { claim, path } = open();
    await first(await claim()).free();
    const held = first(await claim({ content: ['other'] }));
    await held.keep('');
    expect(await claim({ content: ['other'] })).toEqual({ type: 'answered', answer: '' });
    expect(sizes(path)).toEqual(recomputed(path));
  });

  it('holds for a day after the first request, and not longer', async () => {
    const { claim, clock } = open();
    const held = first(await claim());
    await clock.advance(MINUTE_MS / 2);
    await held.keep('once');
    await clock.advance(DAY_MS - MINUTE_MS / 2 - 1);
    expect(await claim()).toMatchObject({ type: 'answered' });
    await clock.advance(2);
    expect(await claim()).toMatchObject({ type: 'first' });
  });

  it('is not asked again for an answer that was too long, or nothing was kept of', async () => {
    const { claim, path } = open(undefined, { answerBytesMax: 10 });
    await first(await claim()).keep('12345678901');
    await first(await claim({ key: 'k-2' })).keep(undefined);
    await first(await claim({ key: 'k-3' })).keep('1234567890');
    await first(await claim({ key: 'k-4' })).keep('ünf Bytes');
    await first(await claim({ key: 'k-5' })).keep('üns Bytes!');
    expect(await claim()).toEqual({ type: 'forgotten' });
    expect(await claim({ key: 'k-2' })).toEqual({ type: 'forgotten' });
    expect(await claim({ key: 'k-3' })).toMatchObject({ type: 'answered' });
    expect(await claim({ key: 'k-4' })).toMatchObject({ type: 'answered' });
    expect(await claim({ key: 'k-5' })).toEqual({ type: 'forgotten' });
    expect(inspect(path, 'SELECT count(*) AS count FROM answers WHERE answer IS NULL')).toEqual([{ count: 3 }]);
  });

  it('outlives the process', async () => {
    const one = open();
    await first(await one.claim()).keep('kept');
    await one.answers.close();
    const other = open(one.folder);
    expect(await other.claim()).toEqual({ type: 'answered', answer: 'kept' });
    await expect(one.claim()).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});

describe('a claim', () => {
  it('of a process that is gone ends when its time is over, not before', async () => {
    const gone = open();
    first(await gone.claim({}, 5 * MINUTE_MS));
    const other = open(gone.folder);
    await other.clock.advance(5 * MINUTE_MS - 1);
    expect(await other.claim()).toEqual({ type: 'under-way' });
    await other.clock.advance(1);
    expect(await other.claim()).toMatchObject({ type: 'first' });
  });

  it('that another has taken over in the end changes nothing of his', async () => {
    const late = open();
    const held = first(await late.claim());
    const other = open(late.folder);
    await other.clock.advance(2 * MINUTE_MS);
    const taken = first(await other.claim());
    await held.keep('too late');
    await held.free();
    expect(await other.claim()).toEqual({ type: 'under-way' });
    await taken.keep('in time');
    expect(await late.claim()).toEqual({ type: 'answered', answer: 'in time' });
  });

  it('holds within its process whatever the clock says', async () => {
    const { claim, clock } = open();
    const held = first(await claim());
    clock.stepWall(DAY_MS);
    expect(await claim()).toEqual({ type: 'under-way' });
    clock.stepWall(-2 * DAY_MS);
    expect(await claim()).toEqual({ type: 'under-way' });
    await held.keep('whenever');
    expect(await claim()).toMatchObject({ type: 'answered' });
  });

  it('written while the clock was years ahead does not hold for years', async () => {
    const wrong = open();
    wrong.clock.stepWall(10 * 365 * DAY_MS);
    await first(await wrong.claim()).keep('from the future');
    const right = open(wrong.folder);
    expect(await right.claim()).toMatchObject({ type: 'first' });
  });

  it.each([2, 7])('is won by one of %i processes that ask at the same time', async (count) => {
    const folder = temporaryFolder();
    const stores = Array.from({ length: count }, () => open(folder, { clock: SYSTEM_CLOCK }));
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    const claims = await Promise.all(keys.map((key) => Promise.all(stores.map(({ claim }) => claim({ key })))));
    for (const ofKey of claims) {
      expect(ofKey.map(({ type }) => type).sort()).toEqual(['first', ...Array(count - 1).fill('under-way')]);
    }
  });
});

describe('what is kept', () => {
  it('is bounded: whoever holds most loses his oldest, and nobody with less loses anything', async () => {
    const { claim, path, clock } = open(undefined, { bytesMax: 60_000 });
    const keep = async (tenant: string, key: string) => {
      await first(await claim({ tenant, key })).keep('x'.repeat(4_000));
      await clock.advance(1);
    };
    for (const key of ['a', 'b']) await keep('quiet', key);
    const due = first(await claim({ tenant: 'loud', key: 'due' }));
    for (let each = 0; each < 40; each += 1) await keep('loud', `loud-${each}`);
    await claim({ tenant: 'quiet', key: 'c' });
    expect(sizes(path)).toEqual(recomputed(path));
    expect(sizes(path).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(60_500);
    expect(await claim({ tenant: 'quiet', key: 'a' })).toMatchObject({ type: 'answered' });
    expect(await claim({ tenant: 'loud', key: 'loud-39' })).toMatchObject({ type: 'answered' });
    expect(await claim({ tenant: 'loud', key: 'due' })).toEqual({ type: 'under-way' });
    expect(await claim({ tenant: 'loud', key: 'loud-0' })).toMatchObject({ type: 'first' });
    await due.keep('late');
    expect(await claim({ tenant: 'loud', key: 'due' })).toMatchObject({ type: 'answered' });
  });

  it('makes room for one long answer where there were thousands of short ones', async () => {
    const { claim, path } = open(undefined, { bytesMax: 1_000_000, clock: SYSTEM_CLOCK });
    await Promise.all(
      Array.from({ length: 1_900 }, async (_, index) => first(await claim({ key: `short-${index}` })).keep('')),
    );
    await first(await claim({ key: 'long' })).keep('x'.repeat(700_000));
    await expect.poll(() => sizes(path)[0]?.bytes ?? 0).toBeLessThanOrEqual(1_000_000);
    expect(sizes(path)).toEqual(recomputed(path));
    expect(await claim({ key: 'long' })).toMatchObject({ type: 'answered' });
  });

  it('goes when its day is over, also when nobody sends keys any more', async () => {
    const { claim, answers, clock, path } = open();
    await Promise.all(
      Array.from({ length: 120 }, async (_, index) => first(await claim({ key: `k${index}` })).keep('x')),
    );
    await clock.advance(DAY_MS + 1);
    await answers.tidy();
    expect(inspect(path, 'SELECT count(*) AS count FROM answers')).toEqual([{ count: 0 }]);
    expect(sizes(path)).toEqual([]);
  });

  it('goes also while a hundred requests take longer than their time', async () => {
    const { claim, answers, clock, path } = open();
    const keys = Array.from({ length: 100 }, (_, index) => `long-${index}`);
    const underWay = await Promise.all(keys.map(async (key) => first(await claim({ key }))));
    await first(await claim({ key: 'over' })).keep('x');
    clock.stepWall(DAY_MS + 1);
    await answers.tidy();
    expect(inspect(path, 'SELECT state, count(*) AS count FROM answers GROUP BY state')).toEqual([
      { state: 'under-way', count: 100 },
    ]);
    await Promise.all(underWay.map(({ free }) => free()));
  });

  it('cannot be read without the request: neither key nor question nor answer stand on the disk', async () => {
    const { claim, answers, folder } = open();
    const secrets = ['Wittgenstein-key', 'the question of Anna', 'the answer of the model'];
    const [key = '', question = '', answer = ''] = secrets;
    await first(await claim({ key, content: [question] })).keep(answer);
    const read = () => filesOf(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
    for (const text of secrets) expect(read().some((bytes) => bytes.includes(text))).toBe(false);
    await answers.close();
    for (const text of secrets) expect(read().some((bytes) => bytes.includes(text))).toBe(false);
  });
});

describe('the file', () => {
  it('is there only when somebody sent a key, and only its owner may read it', async () => {
    const { claim, answers, path } = open();
    await answers.tidy();
    expect(existsSync(path)).toBe(false);
    await claim();
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('that somebody holds locked is a refusal soon, and the event loop never waits', async () => {
    const { claim, path } = open();
    await claim({ key: 'before' });
    const holder = new Database(path);
    holder.exec('BEGIN IMMEDIATE');
    const stallMs = await longestStallMs(async () => {
      await expect(claim()).rejects.toMatchObject({ code: 'storage_unavailable', retryable: true });
    });
    expect(stallMs).toBeLessThan(250);
    holder.exec('COMMIT');
    holder.close();
    await expect.poll(async () => (await claim().catch(() => undefined))?.type).toBe('first');
  });

  it('that is locked when an answer comes holds nobody up, and has the answer afterwards', async () => {
    const { claim, path } = open();
    const held = first(await claim());
    const holder = new Database(path);
    holder.exec('BEGIN IMMEDIATE');
    await held.keep('while locked');
    holder.exec('COMMIT');
    holder.close();
    await expect.poll(async () => (await claim().catch(() => undefined))?.type).toBe('answered');
  });

  it('with a damaged answer has it forgotten rather than garbled', async () => {
    const { claim, path } = open();
    await first(await claim()).keep('intact');
    for (const damaged of ["x'00'", 'zeroblob(60)', 'substr(answer, 2)']) {
      change(path, `UPDATE answers SET answer = ${damaged}`);
      expect(await claim()).toEqual({ type: 'forgotten' });
    }
  });

  it('that is no database is replaced by one', async () => {
    const { claim, path, logger } = open();
    writeFileSync(path, 'y'.repeat(8_192));
    expect(await claim()).toMatchObject({ type: 'first' });
    expect(loud(logger)).toHaveLength(1);
  });
});
