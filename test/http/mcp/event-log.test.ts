import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { EventLog, type KeptAnswers } from '../../../src/http/mcp/event-log.ts';

const answer = (id: number, text = ''): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: { text } });
const progress: JSONRPCMessage = { jsonrpc: '2.0', method: 'notifications/progress' };
/** What is there in the place of an answer that is not kept. */
const word = (id: number) => ({ id, error: { message: expect.stringContaining('Ask again') } });
const keptOf = (charactersMax: number): KeptAnswers => ({ characters: 0, charactersMax });

/** What a client gets that comes back after the event. */
async function replay(log: EventLog, eventId: string): Promise<readonly JSONRPCMessage[]> {
  const sent: JSONRPCMessage[] = [];
  await log.replayEventsAfter(eventId, { send: async (_id, message) => void sent.push(message) });
  return sent;
}

describe('the answers kept for clients whose connection broke', () => {
  it('take no more than there is room for, over all sessions', async () => {
    const kept = keptOf(150);
    const [one, other] = [new EventLog(kept, () => 0), new EventLog(kept, () => 0)];
    const primers = await Promise.all([one.storeEvent('a', progress), other.storeEvent('b', progress)]);
    await one.storeEvent('a', answer(1, 'x'.repeat(80)));
    await other.storeEvent('b', answer(2, 'x'.repeat(80)));
    expect(await replay(one, primers[0])).toEqual([answer(1, 'x'.repeat(80))]);
    expect(await replay(other, primers[1])).toMatchObject([word(2)]);
    expect(kept.characters).toBeLessThanOrEqual(150);
  });

  it('give their room back with their session, and in time', async () => {
    const kept = keptOf(10_000);
    let nowMs = 0;
    const log = new EventLog(kept, () => nowMs);
    await log.storeEvent('a', answer(1));
    expect(kept.characters).toBeGreaterThan(0);
    log.clear();
    expect(kept.characters).toBe(0);
    const primer = await log.storeEvent('b', progress);
    await log.storeEvent('b', answer(2));
    nowMs = 300_000;
    log.expire();
    expect(await replay(log, primer)).toEqual([answer(2)]);
    nowMs = 300_001;
    log.expire();
    expect(await replay(log, primer)).toMatchObject([word(2)]);
    nowMs = 900_000;
    log.expire();
    expect(log.placeOf(primer)).toBe('open');
    expect(kept.characters).toBe(0);
  });

  it('are of the last hundred requests, and of all that still run', async () => {
    const log = new EventLog(keptOf(1_000_000), () => 0);
    const running = await log.storeEvent('running', progress);
    const primers: string[] = [];
    for (let id = 0; id < 150; id += 1) {
      primers.push(await log.storeEvent(`done-${id}`, progress));
      await log.storeEvent(`done-${id}`, answer(id));
    }
    await log.storeEvent('running', answer(999));
    expect(await replay(log, running)).toEqual([answer(999)]);
    expect(primers.filter((primer) => log.placeOf(primer) === 'open')).toHaveLength(99);
    expect(log.placeOf(primers[0] ?? '')).toBe('unknown');
  });

  it('are preceded by what the client was asked and has not seen, until the answer takes its place', async () => {
    const kept = keptOf(10_000);
    let nowMs = 0;
    const log = new EventLog(kept, () => nowMs);
    const primer = await log.storeEvent('a', progress);
    const question: JSONRPCMessage = { jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: {} };
    const asked = await log.storeEvent('a', question);
    await log.storeEvent('a', progress);
    // The call waits for up to ten minutes.
    nowMs = 599_999;
    log.expire();
    expect([await replay(log, primer), await replay(log, asked)]).toEqual([[question], []]);
    expect([log.placeOf(primer), log.placeOf(asked)]).toEqual(['open', 'open']);
    await log.storeEvent('a', answer(1));
    expect([await replay(log, primer), await replay(log, asked)]).toEqual([[answer(1)], [answer(1)]]);
    log.clear();
    expect(kept.characters).toBe(0);
  });

  it('are followed by nothing but events that were given out', async () => {
    const log = new EventLog(keptOf(1_000), () => 0);
    const primer = await log.storeEvent('a', progress);
    expect(log.placeOf(primer)).toBe('open');
    await log.storeEvent('a', answer(1));
    expect([log.placeOf(primer), log.placeOf('a.2')]).toEqual(['open', 'over']);
    for (const forged of ['a.3', 'a.9999', 'a.0', 'a.-1', 'a.', 'a.1e0', 'a. 1', 'a.01', 'b.1', 'a']) {
      expect(log.placeOf(forged), forged).toBe('unknown');
      await expect(replay(log, forged)).rejects.toThrow('unknown event id');
    }
  });
});
