import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bookCall, cachedAnswer, change, filesOf, loud, openTestStore, recordingLogger } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('rebuilds a damaged cache by itself, at the start and while it is open', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'cache.db'), 'y'.repeat(8_192));
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const key = store.cache.keyOf({ tenant: 'local', model: 'groq/llama', messages: [] });
  await store.cache.write(key, cachedAnswer('one'));
  expect(await store.cache.read(key)).toBeDefined();
  expect(loud(logger)).toEqual([expect.stringContaining('rebuilt')]);

  rmSync(join(folder, 'cache.db'));
  await store.cache.write(key, cachedAnswer('two'));
  expect((await store.cache.read(key))?.completion.content).toEqual([{ type: 'text', text: 'two' }]);
  expect(filesOf(folder).filter((name) => name.startsWith('cache.db.'))).toEqual([]);
});

it('rebuilds a cache without its tables, and takes a garbled answer for none', async () => {
  const folder = temporaryFolder();
  const key = await writeAnswer(folder);
  for (const body of ['null', '[]', '{"model":"a/b"}', '{"model":"a/b","completion":{"content":[null]}}']) {
    change(join(folder, 'cache.db'), `UPDATE answers SET body = '${body}'`);
    const store = await openTestStore(folder);
    expect(await store.cache.read(key)).toBeUndefined();
    await store.close();
  }
  change(join(folder, 'cache.db'), 'DROP TABLE answers');
  const again = await writeAnswer(folder);
  expect(await (await openTestStore(folder)).cache.read(again)).toBeDefined();
});

it('answers what is asked in one turn together: a garbled answer costs the others nothing', async () => {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  const keys = ['a', 'b', 'c', 'd'].map((tenant) => store.cache.keyOf({ tenant, model: 'groq/llama', messages: [] }));
  const texts = async () => {
    const answers = await Promise.all([...keys, ...keys].map((key) => store.cache.read(key)));
    return answers.map((answer) => answer?.completion.content[0]).map((part) => part?.type === 'text' && part.text);
  };
  await Promise.all(keys.slice(1).map((key, index) => store.cache.write(key, cachedAnswer(`answer ${index}`))));
  change(join(folder, 'cache.db'), `UPDATE answers SET body = 'null' WHERE body LIKE '%answer 1%'`);
  const expected = [false, 'answer 0', false, 'answer 2'];
  expect(await texts()).toEqual([...expected, ...expected]);
});

it('serves without a cache when its file cannot be opened, and says so once', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'cache.db'));
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const key = store.cache.keyOf({ tenant: 'local', model: 'groq/llama', messages: [] });
  await store.cache.write(key, cachedAnswer('lost'));
  expect(await store.cache.read(key)).toBeUndefined();
  expect(await store.cache.has(key)).toBe(false);
  await bookCall(store);
  expect(loud(logger)).toEqual(['the answer cache does not work; answers are asked for again']);
});

it('takes over the file of an older version without its answers, and with no alarm', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'cache.db'), '');
  change(
    join(folder, 'cache.db'),
    `CREATE TABLE answers (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
    INSERT INTO answers (key) VALUES ('a digest');
    CREATE TABLE contents (bytes INTEGER NOT NULL) STRICT;
    CREATE TRIGGER answer_added AFTER INSERT ON answers BEGIN UPDATE contents SET bytes = 1; END;
    PRAGMA user_version = 1`,
  );
  const logger = recordingLogger();
  const store = await openTestStore(folder, { logger });
  const key = store.cache.keyOf({ tenant: 'local', model: 'groq/llama', messages: [] });
  await store.cache.write(key, cachedAnswer('kept'));
  await store.close();
  expect(await (await openTestStore(folder)).cache.read(key)).toBeDefined();
  expect(loud(logger)).toEqual([]);
});

async function writeAnswer(folder: string) {
  const store = await openTestStore(folder);
  const key = store.cache.keyOf({ tenant: 'local', model: 'groq/llama', messages: [] });
  await store.cache.write(key, cachedAnswer('kept'));
  await store.close();
  return key;
}
