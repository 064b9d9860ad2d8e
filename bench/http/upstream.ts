/**
 * The vendor of the HTTP figures: answers chat completions at once, or as a stream of 50 paced chunks.
 * Does as little as a server can, since it shares its core with the load. Prints its port.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHUNKS = 50;
const CHUNK_PAUSE_MS = 20;
const USAGE = '"usage":{"prompt_tokens":12,"completion_tokens":9,"total_tokens":21}';
const HEAD = '"id":"chatcmpl-1","created":1767225600,"model":"gpt-5-mini"';
const ANSWER = Buffer.from(
  `{${HEAD},"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"The quick brown fox jumps over it."},"finish_reason":"stop"}],${USAGE}}`,
);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (Buffer.concat(chunks).includes('"stream":true')) return stream(response);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    response.write(chunk(`"delta":{"content":"word${sent} "},"finish_reason":null`));
    if (sent < CHUNKS) return;
    clearInterval(timer);
    response.write(chunk('"delta":{},"finish_reason":"stop"'));
    response.end(`data: {${HEAD},"object":"chat.completion.chunk","choices":[],${USAGE}}\n\ndata: [DONE]\n\n`);
  }, CHUNK_PAUSE_MS);
  response.on('close', () => clearInterval(timer));
}

function chunk(choice: string): string {
  return `data: {${HEAD},"object":"chat.completion.chunk","choices":[{"index":0,${choice}}]}\n\n`;
}
