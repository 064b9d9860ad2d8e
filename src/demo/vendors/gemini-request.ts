import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { VendorCall } from './scripted.ts';
import { objectsIn, toEmbedCall, type WireRequest } from './vendor-wire.ts';

const ROUTE = /^\/v1beta\/models\/([^:]+):(generateContent|streamGenerateContent|batchEmbedContents)$/;

/** Reads what Gemini is asked; the model stands in the path. */
export function readGeminiRequest(request: WireRequest): VendorCall | undefined {
  const header = request.headers['x-goog-api-key'];
  const key = typeof header === 'string' ? { key: header } : {};
  if (request.method === 'GET' && request.path === '/v1beta/models') return { type: 'models', ...key };
  const [, model, action] = ROUTE.exec(request.path) ?? [];
  const { body } = request;
  if (request.method !== 'POST' || model === undefined || !isJsonObject(body)) return undefined;
  if (action === 'batchEmbedContents') {
    const input = objectsIn(body.requests).map(({ content }) => textOf(partsIn(content)));
    const [first] = objectsIn(body.requests);
    return toEmbedCall({ model, input, dimensions: first?.outputDimensionality, ...key });
  }
  const contents = objectsIn(body.contents).map((content) => ({ role: content.role, parts: partsIn(content) }));
  const parts = contents.flatMap((content) => content.parts);
  const config = isJsonObject(body.generationConfig) ? body.generationConfig : {};
  const system = textOf(partsIn(body.systemInstruction));
  return {
    type: 'chat',
    model,
    stream: action === 'streamGenerateContent',
    system,
    prompt: textOf(contents.findLast(({ role }) => role === 'user')?.parts ?? []),
    transcript: `${system}\n${textOf(parts)}`,
    images: parts.flatMap(imageIn),
    tools: objectsIn(body.tools).flatMap(({ functionDeclarations }) =>
      objectsIn(functionDeclarations).map(({ name }) => String(name)),
    ),
    toolResults: parts.flatMap(({ functionResponse }) =>
      isJsonObject(functionResponse) ? [{ id: String(functionResponse.id), text: resultOf(functionResponse) }] : [],
    ),
    ...(isJsonObject(config.responseJsonSchema) && { jsonSchema: config.responseJsonSchema }),
    ...(typeof config.maxOutputTokens === 'number' && { maxOutputTokens: config.maxOutputTokens }),
    ...(typeof config.temperature === 'number' && { temperature: config.temperature }),
    ...(typeof config.candidateCount === 'number' && { choices: config.candidateCount }),
    ...key,
    wantsUsage: true,
  };
}

function partsIn(content: JsonValue | undefined): readonly JsonObject[] {
  return isJsonObject(content) ? objectsIn(content.parts) : [];
}

function textOf(parts: readonly JsonObject[]): string {
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

function imageIn({ inlineData, fileData }: JsonObject): readonly string[] {
  if (isJsonObject(inlineData)) return [String(inlineData.data)];
  return isJsonObject(fileData) ? [String(fileData.fileUri)] : [];
}

function resultOf({ response }: JsonObject): string {
  return isJsonObject(response) ? String(response.output ?? response.error) : '';
}
