import { isJsonObject, type JsonObject } from '../../src/core/json/json.ts';
import type { CacheMode } from '../../src/core/request.ts';

/** The three ways in for a streamed chat, each with what it calls success and failure. */
export const DIALECTS = ['chat', 'messages', 'responses'] as const;
export type StreamDialect = (typeof DIALECTS)[number];

export type Asked = { readonly url: string; readonly token: string };

export type StreamedReply = {
  readonly status: number;
  readonly headers: Headers;
  readonly events: readonly JsonObject[];
  readonly text: string;
  /** Every sign by which a client may take the answer for complete. */
  readonly successes: number;
  /** The codes or types of its errors, within the stream or as the whole answer. */
  readonly errors: readonly string[];
  /** Does the stream end with its success or its error, and nothing behind it? */
  readonly endsWithItsEnd: boolean;
};

const PATHS = { chat: '/v1/chat/completions', messages: '/v1/messages', responses: '/v1/responses' } as const;

export type StreamRequest = {
  readonly prompt: string;
  readonly model?: string;
  readonly cache?: CacheMode;
  readonly signal?: AbortSignal;
};

/** A request for a stream in the words of a dialect. */
export function streamRequest(
  { url, token }: Asked,
  dialect: StreamDialect,
  { prompt, model = 'auto', cache = 'use', signal }: StreamRequest,
): Promise<Response> {
  const body = {
    chat: { messages: [{ role: 'user', content: prompt }], stream_options: { include_usage: true } },
    messages: { messages: [{ role: 'user', content: prompt }], max_tokens: 1_000 },
    responses: { input: prompt },
  }[dialect];
  return fetch(url + PATHS[dialect], {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-signalbox-cache': cache },
    body: JSON.stringify({ model, stream: true, ...body }),
    ...(signal && { signal }),
  });
}

/** Asks and reads to the end, without any client library that might smooth things over. */
export async function readStreamed(
  asked: Asked,
  dialect: StreamDialect,
  request: StreamRequest,
): Promise<StreamedReply> {
  const response = await streamRequest(asked, dialect, request);
  const text = await response.text();
  const { status, headers } = response;
  if (status !== 200) {
    const body: unknown = JSON.parse(text);
    const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
    return {
      status,
      headers,
      events: [],
      text: '',
      successes: 0,
      errors: [String(error.code ?? error.type)],
      endsWithItsEnd: true,
    };
  }
  const frames = text.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  const lines = frames.map((frame) => /^data: (.*)$/m.exec(frame)?.[1] ?? '');
  const isDone = lines.map((line) => line === '[DONE]');
  const events = lines.map((line): JsonObject => (line === '[DONE]' ? { done: true } : JSON.parse(line)));
  const successes = events.filter((event) => isSuccess(dialect, event)).length;
  const errors = events.flatMap((event) => errorsIn(event));
  const last = events.at(-1) ?? {};
  return {
    status,
    headers,
    events,
    text: events.map((event) => textIn(dialect, event)).join(''),
    successes,
    errors,
    endsWithItsEnd: endsWell(dialect, last) && isDone.slice(0, -1).every((done) => !done),
  };
}

function choiceOf(event: JsonObject): JsonObject {
  const choices = Array.isArray(event.choices) ? event.choices : [];
  return isJsonObject(choices[0]) ? choices[0] : {};
}

function isSuccess(dialect: StreamDialect, event: JsonObject): boolean {
  switch (dialect) {
    case 'chat':
      return event.done === true || (choiceOf(event).finish_reason ?? null) !== null;
    case 'messages':
      return (
        event.type === 'message_stop' || (isJsonObject(event.delta) && typeof event.delta.stop_reason === 'string')
      );
    case 'responses':
      return ['response.completed', 'response.incomplete', 'response.output_item.done'].includes(String(event.type));
  }
}

function errorsIn(event: JsonObject): readonly string[] {
  if (!isJsonObject(event.error)) return [];
  return [String(event.error.code ?? event.error.type)];
}

function textIn(dialect: StreamDialect, event: JsonObject): string {
  const delta = dialect === 'chat' ? choiceOf(event).delta : event.delta;
  if (dialect === 'responses') return event.type === 'response.output_text.delta' ? String(delta) : '';
  const text = isJsonObject(delta) ? (dialect === 'chat' ? delta.content : delta.text) : undefined;
  return typeof text === 'string' ? text : '';
}

function endsWell(dialect: StreamDialect, last: JsonObject): boolean {
  switch (dialect) {
    case 'chat':
      return last.done === true || isJsonObject(last.error);
    case 'messages':
      return last.type === 'message_stop' || last.type === 'error';
    case 'responses':
      return ['response.completed', 'response.incomplete', 'response.failed'].includes(String(last.type));
  }
}
