// A whole Signalbox that calls as it is told, line by line on standard input: worker.ts <configuration>

import { writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { createApp } from '../../../src/app.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { COST_GROUPS } from '../../../src/core/costs.ts';
import { toGatewayError } from '../../../src/core/errors.ts';
import type { ChatRequest } from '../../../src/core/request.ts';
import type { GatewayAnswer } from '../../../src/gateway/gateway.ts';
import type { Told } from './evidence.ts';
import { shiftClock } from './shifted-clock.ts';
import type { ReportedSums, WorkCall, WorkerCommand } from './work.ts';

const [configPath = ''] = process.argv.slice(2);
const folder = dirname(configPath);
writeSync(1, 'begun\n');
const app = await createApp(await loadConfig({ configPath, env: {}, cwd: folder, homeDir: folder }));
writeSync(1, 'ready\n');

const running = new Set<Promise<void>>();
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as WorkerCommand;
  if (command.type === 'clock') shiftClock(command.offsetMs);
  else if (command.type === 'report') writeSync(1, `report ${JSON.stringify(await readReports())}\n`);
  else if (command.type === 'stop') break;
  else {
    const work = makeCall(command.call).finally(() => running.delete(work));
    running.add(work);
  }
}
await Promise.all(running);
await app.close();
writeSync(1, 'closed\n');
process.exit(0);

async function makeCall(call: WorkCall): Promise<void> {
  const told = await outcomeOf(call).catch((error: unknown): Told => {
    return { tag: call.tag, outcome: toGatewayError(error).code };
  });
  writeSync(1, `told ${JSON.stringify(told)}\n`);
}

async function outcomeOf(call: WorkCall): Promise<Told> {
  const { tag, kind, leave } = call;
  const leaving = new AbortController();
  const timer = leave && 'afterMs' in leave ? setTimeout(() => leaving.abort(), leave.afterMs) : undefined;
  const { signal } = leaving;
  try {
    if (kind === 'embed') {
      const { prompt, model } = call;
      const asked = { input: [prompt], caller: callerOf(call), ...(model !== undefined && { model }) };
      const { requestId, costNanoUsd = null } = await app.gateway.embed(asked, { signal });
      return { tag, outcome: 'answered', requestId, costNanoUsd };
    }
    if (kind === 'stream') return await readStream(call, signal);
    const upstream = kind === 'whole' ? 'whole' : 'streamed';
    return toldOf(tag, await app.gateway.complete(chatOf(call), { signal, upstream }));
  } finally {
    clearTimeout(timer);
  }
}

async function readStream(call: WorkCall, signal: AbortSignal): Promise<Told> {
  const { tag, leave } = call;
  const stream = await app.gateway.stream(chatOf(call), { signal });
  let parts = 0;
  for await (const part of stream.parts) {
    parts += 1;
    if (part.type === 'end') return toldOf(tag, part.answer);
    if (part.type === 'error') return { tag, outcome: part.error.code };
    if (leave && 'afterParts' in leave && parts >= leave.afterParts) return { tag, outcome: 'cancelled' };
  }
  throw new Error('a stream ended without an end');
}

function toldOf(tag: string, answer: GatewayAnswer): Told {
  const { requestId, cache, attempts, costNanoUsd = null } = answer;
  const outcome = cache === 'hit' ? 'cached' : cache === 'coalesced' ? 'coalesced' : 'answered';
  const sent = attempts.filter(({ status }) => status !== 'not_sent').length;
  return { tag, outcome, requestId, attempts: sent, costNanoUsd };
}

function chatOf(call: WorkCall): ChatRequest {
  const { prompt, model, maxOutputTokens, deadlineMs, cache, json } = call;
  return {
    messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
    routing: { cache, ...(model !== undefined && { model }), ...(deadlineMs !== undefined && { deadlineMs }) },
    caller: callerOf(call),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(json && { responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' } } }),
  };
}

/** The tag is the name of the client: it is in the books from the first moment. */
function callerOf({ tag, tenant, team, user }: WorkCall): ChatRequest['caller'] {
  return { tenant, client: tag, team, user };
}

async function readReports(): Promise<readonly ReportedSums[]> {
  const all = { fromMs: 0, toMs: 8_640_000_000_000_000 };
  return Promise.all(
    COST_GROUPS.map(async (groupBy) => {
      const { totals, groups } = await app.gateway.costReport({ ...all, groupBy });
      return { group: groupBy, totals, groups };
    }),
  );
}
