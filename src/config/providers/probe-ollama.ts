import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { PulledModel } from '../../catalog/default-routing.ts';
import { isJsonObject, type JsonValue } from '../../core/json/json.ts';
import { isModelName } from '../../core/model-name.ts';

export const OLLAMA_USUAL_URL = 'http://127.0.0.1:11434';
/** Start-up waits for this: an Ollama on this machine answers within a few milliseconds. */
const PROBE_MS = 300;
const ANSWER_BYTES_MAX = 4_194_304;
const MODELS_MAX = 500;

/** The models an Ollama has pulled, by its free list; undefined when nothing answers like one in time. */
export async function probeOllama(provider: string, baseUrl: string): Promise<readonly PulledModel[] | undefined> {
  try {
    const answer: JsonValue = JSON.parse(await get(new URL(`${baseUrl.replace(/\/+$/, '')}/api/tags`)));
    if (!isJsonObject(answer) || !Array.isArray(answer.models)) return undefined;
    return answer.models.slice(0, MODELS_MAX).flatMap((model: JsonValue) => toPulled(provider, model));
  } catch {
    // Not there, not in time, or not an Ollama: all the same here.
    return undefined;
  }
}

function toPulled(provider: string, model: JsonValue): readonly PulledModel[] {
  if (!isJsonObject(model) || typeof model.name !== 'string' || !isModelName(model.name)) return [];
  return [{ provider, name: model.name, ...(typeof model.size === 'number' && { sizeBytes: model.size }) }];
}

function get(url: URL): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const send = url.protocol === 'https:' ? requestTls : request;
  const outgoing = send(url, { signal: AbortSignal.timeout(PROBE_MS), agent: false });
  outgoing.on('response', (answer) => {
    readText(answer).then(resolve, reject);
  });
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

async function readText(answer: IncomingMessage): Promise<string> {
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new Error(`status ${answer.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) throw new Error('answer too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * `OLLAMA_HOST` as Ollama itself reads it: a host, `host:port`, `:port` or a URL. An address to
 * listen on everywhere (`0.0.0.0`) is asked at this machine. Undefined when it is none of these.
 */
export function ollamaUrlFrom(text: string): string | undefined {
  const bare = text.trim().replace(/^["']|["']$/g, '');
  const [, scheme, authority = '', path = ''] = /^(?:([a-z]+):\/\/)?([^/]*)(.*)$/i.exec(bare) ?? [];
  // Only without a scheme the port is Ollama's; with one it is the scheme's.
  const usualPort = scheme === undefined ? '11434' : '';
  const [, host, port = usualPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? [undefined, `[${authority}]`];
  const named = host === '' && scheme === undefined ? '127.0.0.1' : host;
  const url = `${scheme ?? 'http'}://${named}${port === '' ? '' : `:${port}`}${path}`;
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return undefined;
  const { protocol, hostname, port: explicit, pathname, username } = new URL(url);
  if (username !== '') return undefined;
  const reachable = hostname === '0.0.0.0' || hostname === '[::]' ? '127.0.0.1' : hostname;
  return `${protocol}//${reachable}${explicit === '' ? '' : `:${explicit}`}${pathname.replace(/\/+$/, '')}`;
}
