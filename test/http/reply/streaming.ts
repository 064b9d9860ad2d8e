import { createCallId } from '../../../src/core/ids.ts';
import type { AnswerPart, GatewayStream } from '../../../src/gateway/gateway.ts';
import type { Recording } from '../../../src/http/guard/recording.ts';
import type { HttpSettings } from '../../../src/http/http-settings.ts';
import type { Route } from '../../../src/http/http-types.ts';
import { answerHeaders } from '../../../src/http/reply/answer-headers.ts';
import { jsonReply } from '../../../src/http/reply/json-reply.ts';
import { sendStream } from '../../../src/http/reply/send-stream.ts';
import type { StreamEncoder } from '../../../src/http/reply/stream-encoder.ts';
import { call } from '../../support/raw-http.ts';
import { startInProcess, TOKEN } from '../../support/serve.ts';

/** Says each part by its text, so that what arrives can be read. */
export const ENCODER: StreamEncoder = {
  open: () => 'data: open\n\n',
  part: (part) => (part.type === 'text-delta' ? `data: ${part.text}\n\n` : ''),
  end: () => 'data: [DONE]\n\n',
  error: ({ code, message }) => `data: error ${code} ${message}\n\n`,
};

export const text = (words: string): AnswerPart => ({ type: 'text-delta', text: words });
// The encoder above does not look at the answer.
export const END = { type: 'end', answer: {} } as AnswerPart;

type Produce = (signal: AbortSignal) => AsyncGenerator<AnswerPart>;

/** A route whose stream is made of exactly these parts. */
export async function streaming(
  produce: Produce,
  settings: Partial<HttpSettings> = {},
  encoder = ENCODER,
  recording?: Recording,
) {
  const route: Route = {
    method: 'GET',
    path: '/stream',
    dialect: 'openai',
    access: 'token',
    handle: async (open) => {
      const stream = streamOf(produce(open.signal));
      open.recording = recording;
      return sendStream(open, stream, encoder, answerHeaders(stream, { toFieldName: String, more: ['audio'] }));
    },
  };
  const large: Route = {
    ...route,
    path: '/large',
    handle: async () => jsonReply({ text: 'x'.repeat(50_000_000) }),
  };
  const whole: Route = {
    ...route,
    path: '/whole',
    handle: async (open) => {
      let said = '';
      for await (const part of produce(open.signal)) said += part.type === 'text-delta' ? part.text : '';
      return jsonReply({ text: said });
    },
  };
  const service = await startInProcess({ upstreams: [], routes: [route, large, whole], settings });
  const request = (path = '/stream') =>
    `GET ${path} HTTP/1.1\r\nHost: ${new URL(service.url).host}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
  return {
    ...service,
    request,
    get: (path = '/stream') => call(service.url, { path, headers: { authorization: `Bearer ${TOKEN}` } }),
  };
}

function streamOf(parts: AsyncIterable<AnswerPart>): GatewayStream {
  return {
    requestId: createCallId(),
    model: 'vendor/mödel',
    plan: {
      strategy: 'complexity',
      tier: 'simple',
      evidence: [],
      reason: '',
      candidates: [],
      rejected: [],
      inputTokensEstimated: 1,
      configHash: '',
    },
    cache: 'miss',
    attemptsCount: 2,
    droppedParameters: ['seed', 'topK'],
    parts,
  };
}

export function pause(waitMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, waitMs));
}
