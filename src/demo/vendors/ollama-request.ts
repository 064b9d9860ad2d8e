import { isJsonObject, type JsonObject } from '../../core/json/json.ts';
import type { VendorCall } from './scripted.ts';
import { bearerKey, objectsIn, textsIn, toEmbedCall, type WireRequest } from './vendor-wire.ts';

/** Reads what Ollama is asked. */
export function readOllamaRequest(request: WireRequest): VendorCall | undefined {
  const key = bearerKey(request);
  const route = `${request.method} ${request.path}`;
  if (route === 'GET /api/tags') return { type: 'models', ...key };
  const { body } = request;
  if (!isJsonObject(body) || typeof body.model !== 'string') return undefined;
  if (route === 'POST /api/embed') {
    return toEmbedCall({ model: body.model, input: textsIn(body.input), dimensions: body.dimensions, ...key });
  }
  if (route !== 'POST /api/chat') return undefined;
  const messages = objectsIn(body.messages);
  const options = isJsonObject(body.options) ? body.options : {};
  return {
    type: 'chat',
    model: body.model,
    // The vendor streams unless told not to.
    stream: body.stream !== false,
    system: textOf(messages.filter(({ role }) => role === 'system')),
    prompt: textOf(messages.filter(({ role }) => role === 'user').slice(-1)),
    transcript: textOf(messages),
    images: messages.flatMap(({ images }) => (Array.isArray(images) ? images.map(String) : [])),
    tools: objectsIn(body.tools).map(({ function: tool }) => (isJsonObject(tool) ? String(tool.name) : '')),
    // Results are told apart by the tool's name and their order only.
    toolResults: messages
      .filter(({ role }) => role === 'tool')
      .map((message) => ({ id: String(message.tool_name), text: textOf([message]) })),
    ...(isJsonObject(body.format) && { jsonSchema: body.format }),
    ...(typeof options.num_predict === 'number' && { maxOutputTokens: options.num_predict }),
    ...(typeof options.temperature === 'number' && { temperature: options.temperature }),
    ...key,
    wantsUsage: true,
  };
}

function textOf(messages: readonly JsonObject[]): string {
  return messages.map(({ content }) => (typeof content === 'string' ? content : '')).join('\n');
}
