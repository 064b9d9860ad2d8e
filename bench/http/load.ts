/**
 * The load, in a process of its own: chat completions over so many connections, or concurrent streams.
 * Takes its task as JSON, prints what it saw as JSON.
 */
import { randomUUID } from 'node:crypto';
import { Agent } from 'undici';

export type LoadTask = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly connections: number;
  /** In all; each connection asks again when it was answered. */
  readonly requests: number;
  /** Every prompt is another one, or all are the same. */
  readonly prompts: 'unique' | 'same';
  readonly streamed: boolean;
};

export type LoadResult = {
  readonly errors: number;
  readonly firstError?: string;
  readonly seconds: number;
  /** To the end of the answer, or to the first content of a stream; ascending, in milliseconds. */
  readonly latenciesMs: readonly number[];
};

const FILLER = 'Please summarise the following note for a colleague who has not read it yet, in two sentences. '.repeat(
  4,
);

const task = JSON.parse(process.argv[2] ?? '{}') as LoadTask;
const agent = new Agent({ connections: task.connections, pipelining: 1, bodyTimeout: 60_000, headersTimeout: 60_000 });
const latenciesMs: number[] = [];
let errors = 0;
let firstError: string | undefined;
let left = task.requests;

const startedAtMs = performance.now();
await Promise.all(Array.from({ length: task.connections }, () => ask()));
const seconds = (performance.now() - startedAtMs) / 1000;
latenciesMs.sort((a, b) => a - b);
const result: LoadResult = { errors, ...(firstError !== undefined && { firstError }), seconds, latenciesMs };
process.stdout.write(JSON.stringify(result), () => process.exit(0));

async function ask(): Promise<void> {
  while (left > 0) {
    left -= 1;
    try {
      latenciesMs.push(await askOnce());
    } catch (error) {
      errors += 1;
      firstError ??= String(error).slice(0, 300);
    }
  }
}

async function askOnce(): Promise<number> {
  const prompt = task.prompts === 'unique' ? `${randomUUID()} ${FILLER}` : FILLER;
  const messages = [{ role: 'user', content: prompt }];
  const beganAtMs = performance.now();
  const { statusCode, body } = await agent.request({
    origin: task.url,
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...task.headers },
    body: JSON.stringify({ model: task.model, messages, ...(task.streamed && { stream: true }) }),
  });
  let text = '';
  let firstAtMs = Number.NaN;
  for await (const chunk of body) {
    text += chunk;
    if (Number.isNaN(firstAtMs) && text.includes('"content":"word')) firstAtMs = performance.now();
  }
  if (statusCode !== 200) throw new Error(`${statusCode} ${text}`);
  if (!text.includes(task.streamed ? 'data: [DONE]' : 'quick brown fox')) throw new Error(`a cut answer: ${text}`);
  return (task.streamed ? firstAtMs : performance.now()) - beganAtMs;
}
