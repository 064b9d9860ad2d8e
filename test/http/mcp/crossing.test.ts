import { expect, it } from 'vitest';
import { OTHER_TOKEN, startMcpForTest, TOKEN } from './start-mcp.ts';
import { completeCall, openSession, post, rpc, sendModern } from './wire.ts';

/** Of each era; more by `SIGNALBOX_CROSSINGS=100000`. */
const ROUNDS = Number(process.env.SIGNALBOX_CROSSINGS ?? 2_000) / 2;
const PARALLEL = 20;

it(`no answer goes to another client that uses the same ids at the same time, in ${2 * ROUNDS} crossings`, {
  timeout: 300_000 + 100 * ROUNDS,
}, async () => {
  const { url, asked } = await startMcpForTest();
  const clients = await Promise.all(
    [TOKEN, OTHER_TOKEN, TOKEN, OTHER_TOKEN].map(async (token, number) => {
      const session = number < 2 ? undefined : await openSession(url, { token });
      return async function ask(id: number): Promise<object[]> {
        const prompt = `client ${number} id ${id}`;
        const call = completeCall(prompt, id);
        const { status, messages } =
          session === undefined
            ? await sendModern(url, call, { token })
            : await post(url, rpc(call), { token, session });
        // A machine that stood still for a second has too many under way.
        if (status === 503) return ask(id);
        const isRight =
          messages.length === 1 && messages[0]?.id === id && messages[0].result?.structuredContent.text === prompt;
        return isRight ? [] : [{ prompt, messages }];
      };
    }),
  );
  const crossed: object[] = [];
  for (let from = 0; from < ROUNDS; from += PARALLEL) {
    const ids = Array.from({ length: PARALLEL }, (_, offset) => from + offset);
    crossed.push(...(await Promise.all(ids.flatMap((id) => clients.map((ask) => ask(id))))).flat());
    asked.length = 0;
  }
  expect(crossed).toEqual([]);
});
