const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

const COMMENT = ': keepalive\n\n';

/**
 * The answer itself when it comes soon. After `quietMs` without one, a stream that says so in comments
 * until it comes: clients and what stands between end a request that is silent for minutes. When
 * the reader goes, the request's own signal ends the work.
 */
export async function keptAlive(answer: Promise<Response>, quietMs: number): Promise<Response> {
  const { promise: quiet, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, quietMs, undefined);
  const soon = await Promise.race([answer, quiet]).finally(() => clearTimeout(timer));
  return soon ?? new Response(streamOf(answer, quietMs), { headers: HEADERS });
}

function streamOf(answer: Promise<Response>, quietMs: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return new ReadableStream({
    start(controller) {
      const comment = () => controller.enqueue(encoder.encode(COMMENT));
      comment();
      timer = setInterval(comment, quietMs);
    },
    async pull(controller) {
      if (reader === undefined) {
        const response = await answer.finally(() => clearInterval(timer));
        if (!isEventStream(response)) {
          const text = await response.text();
          if (text !== '') controller.enqueue(encoder.encode(`event: message\ndata: ${text}\n\n`));
          controller.close();
          return;
        }
        reader = response.body?.getReader();
      }
      const chunk = await reader?.read();
      if (chunk?.value) controller.enqueue(chunk.value);
      else controller.close();
    },
    async cancel(reason) {
      clearInterval(timer);
      await reader?.cancel(reason);
    },
  });
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}
