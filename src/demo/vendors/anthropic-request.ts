import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { VendorCall } from './scripted.ts';
import { bearerKey, objectsIn, type WireRequest } from './vendor-wire.ts';

/** Reads what Anthropic is asked. */
export function readAnthropicRequest(request: WireRequest): VendorCall | undefined {
  const key = keyOf(request);
  const route = `${request.method} ${request.path}`;
  if (route === 'GET /v1/models') return { type: 'models', ...key };
  const { body } = request;
  if (route !== 'POST /v1/messages' || !isJsonObject(body) || typeof body.model !== 'string') return undefined;
  // The vendor refuses a request without it.
  if (typeof body.max_tokens !== 'number') return undefined;
  const messages = objectsIn(body.messages).map(({ role, content }) => ({ role, blocks: blocksIn(content) }));
  const blocks = messages.flatMap((message) => message.blocks);
  const system = textOf(blocksIn(body.system));
  const format = isJsonObject(body.output_config) ? body.output_config.format : undefined;
  return {
    type: 'chat',
    model: body.model,
    stream: body.stream === true,
    system,
    prompt: textOf(messages.findLast(({ role }) => role === 'user')?.blocks ?? []),
    transcript: `${system}\n${textOf(blocks)}`,
    images: blocks.flatMap(({ type, source }) => (type === 'image' && isJsonObject(source) ? [imageOf(source)] : [])),
    tools: objectsIn(body.tools).map(({ name }) => String(name)),
    toolResults: blocks
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool_use_id, content }) => ({ id: String(tool_use_id), text: textOf(blocksIn(content)) })),
    ...(isJsonObject(format) && isJsonObject(format.schema) && { jsonSchema: format.schema }),
    maxOutputTokens: body.max_tokens,
    ...(typeof body.temperature === 'number' && { temperature: body.temperature }),
    ...key,
    wantsUsage: true,
  };
}

/** Clients of the current version send the key as a bearer token, older ones in its own header. */
function keyOf(request: WireRequest): { readonly key?: string } {
  const { 'x-api-key': apiKey } = request.headers;
  return typeof apiKey === 'string' ? { key: apiKey } : bearerKey(request);
}

function blocksIn(content: JsonValue | undefined): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : objectsIn(content);
}

function textOf(blocks: readonly JsonObject[]): string {
  return blocks.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

function imageOf({ data, url }: JsonObject): string {
  return String(data ?? url);
}
