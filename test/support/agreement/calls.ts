import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json/json.ts';
import { messagesIn, type Sent, sendModern } from '../../http/mcp/wire.ts';
import { MODERN } from '../../mcp/spawn-server.ts';
import type { Told } from '../reconcile/evidence.ts';
import { planCalls } from '../reconcile/schedule.ts';
import type { WorkCall } from '../reconcile/work.ts';
import { pick, seededRandom, seedOf } from '../seeded-random.ts';
import type { Asked } from '../streamed-dialects.ts';

const PATHS = {
  chat: '/v1/chat/completions',
  messages: '/v1/messages',
  responses: '/v1/responses',
  embeddings: '/v1/embeddings',
} as const;

/** How work comes in: the API of a client, or the tool `complete`. */
type Way = keyof typeof PATHS | 'complete';

export type ServedCall = WorkCall & {
  readonly way: Way;
  readonly idempotencyKey?: string;
  readonly costMaxUsd?: number;
  /** What the request is turned away for. */
  readonly slip?: 'field' | 'token';
  /** What a person says when a budget asks; without it nobody can be asked. */
  readonly consent?: boolean;
};

/** What the caller was told, wherever it was told so. */
export type Heard = Told & {
  readonly tenant: string;
  readonly model?: string;
  readonly tier?: string;
  readonly cache?: string;
  /** Tokens in and out, of a whole answer. */
  readonly usage?: readonly [input: number, output: number];
  /** The answer to an earlier request under the same key. */
  readonly replayed?: true;
  /** How often a budget asked in place of an answer: each time a request ended that has no id for the caller. */
  readonly questions?: number;
};

export const TENANTS = ['north', 'south', 'east'] as const;

/** A provider that nobody can connect to: of its attempts no byte leaves. */
export const UNREACHABLE = 'gone/model-under-test';

/** The work of a reconciliation, as callers of a service bring it; the same work again comes the same way. */
export function planServedCalls(seed: number, count: number): readonly ServedCall[] {
  return planCalls(seededRandom(seed), { round: 0, count }).flatMap(({ deadlineMs, ...call }) => {
    const random = seededRandom(seedOf(`${seed} ${call.tag}`));
    const way = wayOf(call.kind, random);
    const served: ServedCall = {
      ...call,
      way,
      ...(way === 'complete' && deadlineMs !== undefined && { deadlineMs }),
      ...(call.kind !== 'embed' && random() < 0.05 && { model: UNREACHABLE }),
      ...(random() < 0.3 && { idempotencyKey: `key of ${call.tag}` }),
      ...(random() < 0.05 && { costMaxUsd: 0.0003 }),
      ...(random() < 0.05 && { slip: pick(random, ['field', 'field', 'token']) }),
      ...(way === 'complete' && random() < 0.8 && { consent: random() < 0.7 }),
    };
    // The same again while the first is under way shares its call, or is told to wait; that of another tenant is its own.
    if (random() < 0.1) return [served, served];
    return random() < 0.08 ? [served, { ...served, tenant: pick(random, TENANTS) }] : [served];
  });
}

function wayOf(kind: WorkCall['kind'], random: () => number): Way {
  if (kind === 'embed') return 'embeddings';
  const whole = kind === 'complete' && random() < 0.5;
  return whole ? 'complete' : pick(random, ['chat', 'messages', 'responses']);
}

/** Makes one call and reads the answer to its end, or to where its caller leaves. */
export async function hear(asked: Asked, call: ServedCall): Promise<Omit<Heard, 'tenant'>> {
  const { tag, way, leave, slip } = call;
  const leaving = new AbortController();
  const timer = leave && 'afterMs' in leave ? setTimeout(() => leaving.abort(), leave.afterMs) : undefined;
  const to = { url: asked.url, token: slip === 'token' ? 'nobody-has-this-token-7d1Qx' : asked.token };
  try {
    return { tag, ...(await (way === 'complete' ? hearTool(to, call, leaving) : hearApi(to, way, call, leaving))) };
  } catch (error) {
    if (leaving.signal.aborted) return { tag, outcome: 'cancelled' };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function hearTool(to: Asked, call: ServedCall, { signal }: AbortController): Promise<Untagged> {
  const { prompt, model, maxOutputTokens, deadlineMs, cache, json, costMaxUsd, idempotencyKey, slip, consent } = call;
  const args = {
    prompt,
    model,
    max_output_tokens: maxOutputTokens,
    deadline_ms: deadlineMs,
    cache,
    max_cost_usd: costMaxUsd,
    ...(json && { json_schema: { type: 'object' } }),
    ...(idempotencyKey && { metadata: { idempotency_key: idempotencyKey } }),
    ...(slip === 'field' && { temperature: 'hot' }),
  };
  const meta = {
    ...MODERN._meta,
    'io.modelcontextprotocol/clientInfo': { name: call.tag, version: '1' },
    ...(consent !== undefined && { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } }),
  };
  const send = (more: object = {}) => {
    const request = { id: call.tag, method: 'tools/call', params: { name: 'complete', arguments: args, ...more } };
    return sendModern(`${to.url}/mcp`, request, { token: to.token, signal, meta });
  };
  const first = await send();
  const { resultType, requestState } = first.messages.at(-1)?.result ?? {};
  if (resultType !== 'input_required') return toldBy(first);
  const inputResponses = { budget: { action: 'accept', content: { allow: consent } } };
  const second = await send({ requestState, inputResponses });
  const isAskedAgain = second.messages.at(-1)?.result?.resultType === 'input_required';
  return isAskedAgain ? { outcome: 'asked', questions: 2 } : { ...toldBy(second), questions: 1 };
}

function toldBy({ status, messages, headers }: Sent): Untagged {
  const said = messages.at(-1)?.result?.structuredContent;
  if (!isJsonObject(said)) return { outcome: `protocol ${status}`, ...idIn(headers) };
  const { error, attempts, usage } = said;
  if (isJsonObject(error)) return { outcome: String(error.code), ...requestIdOf(error), ...sentOf(error.attempts) };
  return {
    outcome: said.cached === true ? 'cached' : 'answered',
    ...requestIdOf(said),
    model: String(said.model),
    ...(said.tier !== undefined && { tier: String(said.tier) }),
    ...sentOf(attempts),
    costNanoUsd: typeof said.cost_usd === 'number' ? toNanoUsd(said.cost_usd) : null,
    ...usageIn({ usage: usage ?? null }),
  };
}

type Untagged = Omit<Heard, 'tag' | 'tenant'>;

function sentOf(attempts: JsonValue | undefined): Pick<Heard, 'attempts'> {
  if (!Array.isArray(attempts)) return {};
  return { attempts: attempts.filter((attempt) => isJsonObject(attempt) && attempt.status !== 'not_sent').length };
}

async function hearApi(to: Asked, way: keyof typeof PATHS, call: ServedCall, leaving: AbortController) {
  const { tag, cache, kind, leave, costMaxUsd, idempotencyKey } = call;
  const response = await fetch(to.url + PATHS[way], {
    method: 'POST',
    headers: {
      authorization: `Bearer ${to.token}`,
      'content-type': 'application/json',
      'user-agent': tag,
      'x-signalbox-cache': cache,
      ...(costMaxUsd !== undefined && { 'x-signalbox-max-cost-usd': String(costMaxUsd) }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify({ ...bodyOf(way, call), ...(call.slip === 'field' && { temperature: 'hot' }) }),
    signal: leaving.signal,
  });
  const partsMax = leave && 'afterParts' in leave ? leave.afterParts : Number.POSITIVE_INFINITY;
  const decoder = new TextDecoder();
  let text = '';
  let parts = 0;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    parts += 1;
    if (parts >= partsMax) leaving.abort();
  }
  return heardIn(response, messagesIn(text) as readonly JsonObject[], kind === 'stream');
}

function heardIn({ ok, status, headers }: Response, events: readonly JsonObject[], streamed: boolean): Untagged {
  const errors = events.flatMap(({ error, response }) => {
    const found = error ?? (isJsonObject(response) ? response.error : undefined);
    return isJsonObject(found) ? [String(found.code ?? found.type)] : [];
  });
  const id = idIn(headers);
  if (!ok || errors.length > 0) return { outcome: errors[0] ?? `status ${status}`, ...id };
  const cache = headers.get('x-signalbox-cache') ?? undefined;
  const [cost, attempts, model, tier] = ['cost-usd', 'attempts', 'model', 'tier'].map(
    (name) => headers.get(`x-signalbox-${name}`) ?? undefined,
  );
  return {
    ...id,
    outcome: cache === 'hit' ? 'cached' : cache === 'coalesced' ? 'coalesced' : 'answered',
    ...(cache && { cache }),
    ...(model && { model }),
    ...(tier && { tier }),
    ...(headers.has('idempotent-replayed') && { replayed: true }),
    ...(attempts && { attempts: Number(attempts) }),
    // What a stream costs is known after its headers.
    ...(!streamed && { costNanoUsd: cost === undefined ? null : toNanoUsd(Number(cost)) }),
    ...usageIn(...events),
  };
}

function bodyOf(way: keyof typeof PATHS, { kind, prompt, model = 'auto', maxOutputTokens, json }: ServedCall): object {
  const messages = [{ role: 'user', content: prompt }];
  const stream = kind === 'stream';
  const schema = { type: 'json_schema', schema: { type: 'object' } };
  switch (way) {
    case 'chat': {
      const format = json && { response_format: { type: 'json_schema', json_schema: { name: 'answer', ...schema } } };
      const usage = stream && { stream_options: { include_usage: true } };
      return { model, messages, max_completion_tokens: maxOutputTokens, stream, ...usage, ...format };
    }
    case 'messages':
      return {
        model,
        messages,
        max_tokens: maxOutputTokens ?? 300,
        stream,
        ...(json && { output_config: { format: schema } }),
      };
    case 'responses':
      return {
        model,
        input: prompt,
        max_output_tokens: maxOutputTokens,
        stream,
        ...(json && { text: { format: { name: 'answer', ...schema } } }),
      };
    case 'embeddings':
      return { model, input: prompt };
  }
}

function idIn(headers: Headers): Pick<Heard, 'requestId'> {
  const requestId = headers.get('x-signalbox-request-id');
  return requestId === null ? {} : { requestId };
}

function requestIdOf({ request_id: id }: JsonObject): Pick<Heard, 'requestId'> {
  return typeof id === 'string' ? { requestId: id } : {};
}

/** The last usage told, in the words of whichever API. */
function usageIn(...events: readonly JsonObject[]): Pick<Heard, 'usage'> {
  const told = events.map(({ usage, response }) => usage ?? (isJsonObject(response) ? response.usage : null));
  const usage = told.findLast(isJsonObject);
  if (!usage) return {};
  const sum = (...names: readonly string[]) => names.reduce((total, name) => total + Number(usage[name] ?? 0), 0);
  const input = sum('prompt_tokens', 'input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens');
  return { usage: [input, sum('completion_tokens', 'output_tokens')] };
}

function toNanoUsd(usd: number): number {
  return Math.round(usd * 1e9);
}
