import { totalInputTokens } from '../../core/usage.ts';
import type { EmbedAnswer } from '../../gateway/gateway.ts';
import type { Route } from '../http-types.ts';
import { droppedHeader, embedHeaders } from '../reply/answer-headers.ts';
import { type FieldNames, withFieldName } from '../reply/field-names.ts';
import { jsonReply } from '../reply/json-reply.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { invalidField } from '../request/read-value.ts';
import { readRouting } from '../request/routing-hints.ts';
import { fieldsLeftOut } from '../request/unknown-fields.ts';
import { EMBEDDING_FIELDS, type EmbeddingCall, readEmbeddingCall } from './embedding-fields.ts';

const FIELD_NAMES: FieldNames = new Map();

/** OpenAI's `POST /v1/embeddings`. */
export const EMBEDDINGS_ROUTE: Route = {
  method: 'POST',
  path: '/v1/embeddings',
  dialect: 'openai',
  access: 'token',
  async handle(open, { gateway, unsupportedParameters }) {
    const body = await readJsonBody(open);
    const leftOut = fieldsLeftOut(body, EMBEDDING_FIELDS, unsupportedParameters);
    const { modelName, encoding, ...asked } = readEmbeddingCall(body);
    const model = chosenModel(open, modelName);
    const request = { ...asked, ...(model !== undefined && { model }), caller: open.caller };
    const answer = await gateway.embed(request, { signal: open.signal }).catch((error: unknown) => {
      throw withFieldName(error, FIELD_NAMES);
    });
    return jsonReply(fromEmbedAnswer(answer, encoding), { ...embedHeaders(answer), ...droppedHeader(leftOut) });
  },
};

/** Vectors of different models cannot be compared, so nothing here is routed: a model is named, or the first is taken. */
function chosenModel(open: OpenRequest, modelName: string): string | undefined {
  const { model, cache: _cache, ...hints } = readRouting(open, modelName);
  const [hint] = Object.keys(hints);
  if (hint !== undefined) {
    throw invalidField(
      'model',
      `and the headers ask for routing by ${hint}, which embeddings do not have`,
      'Name the model itself, or "auto".',
    );
  }
  return model;
}

/** The list of `embedding` objects. Source: developers.openai.com/api/reference, the embedding object. */
function fromEmbedAnswer({ embeddings, ref, usage }: EmbedAnswer, encoding: EmbeddingCall['encoding']) {
  const tokens = totalInputTokens(usage);
  return {
    object: 'list',
    data: embeddings.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? toBase64(vector) : vector,
    })),
    model: ref,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** Little-endian 32-bit floats, which is how OpenAI's clients read them. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  return bytes.toString('base64');
}
