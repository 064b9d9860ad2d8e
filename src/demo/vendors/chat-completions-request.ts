import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { VendorCall } from './scripted.ts';
import { bearerKey, objectsIn, textsIn, toEmbedCall, type WireRequest } from './vendor-wire.ts';

/** Reads what OpenAI, Groq and the compatible servers are asked, under a path prefix. */
export function readChatCompletionsRequest(request: WireRequest, prefix: string): VendorCall | undefined {
  const key = bearerKey(request);
  const route = `${request.method} ${request.path}`;
  if (route === `GET ${prefix}/models`) return { type: 'models', ...key };
  const { body } = request;
  if (!isJsonObject(body) || typeof body.model !== 'string') return undefined;
  if (route === `POST ${prefix}/embeddings`) {
    return toEmbedCall({ model: body.model, input: textsIn(body.input), dimensions: body.dimensions, ...key });
  }
  if (route !== `POST ${prefix}/chat/completions`) return undefined;
  const messages = objectsIn(body.messages);
  const format = isJsonObject(body.response_format) ? body.response_format.json_schema : undefined;
  const tokensMax = body.max_completion_tokens ?? body.max_tokens;
  return {
    type: 'chat',
    model: body.model,
    stream: body.stream === true,
    system: textOf(messages.filter(({ role }) => role === 'system' || role === 'developer')),
    prompt: textOf(messages.filter(({ role }) => role === 'user').slice(-1)),
    transcript: textOf(messages),
    images: messages.flatMap(({ content }) => imagesIn(content)),
    tools: objectsIn(body.tools).map(({ function: tool }) => (isJsonObject(tool) ? String(tool.name) : '')),
    toolResults: messages
      .filter(({ role }) => role === 'tool')
      .map((message) => ({ id: String(message.tool_call_id), text: textOf([message]) })),
    ...(isJsonObject(format) && isJsonObject(format.schema) && { jsonSchema: format.schema }),
    ...(typeof tokensMax === 'number' && { maxOutputTokens: tokensMax }),
    ...(typeof body.temperature === 'number' && { temperature: body.temperature }),
    ...(typeof body.n === 'number' && { choices: body.n }),
    ...key,
    wantsUsage: isJsonObject(body.stream_options) && body.stream_options.include_usage === true,
  };
}

function textOf(messages: readonly JsonObject[]): string {
  return messages
    .map(({ content }) =>
      typeof content === 'string'
        ? content
        : objectsIn(content)
            .map(({ text }) => text ?? '')
            .join('\n'),
    )
    .join('\n');
}

function imagesIn(content: JsonValue | undefined): readonly string[] {
  return objectsIn(content).flatMap(({ image_url }) => (isJsonObject(image_url) ? String(image_url.url) : []));
}
