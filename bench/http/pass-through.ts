/**
 * The least a gateway in Node can be: the body is read, parsed, and passed on over undici; the answer
 * goes back as it comes. The floor for our figures. Takes the upstream's address, prints its port.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';

const upstream = process.argv[2] ?? '';
const agent = new Agent({ connections: 512 });

const server = createServer(async (request, response) => {
  const body: unknown = JSON.parse(await read(request));
  const answer = await agent.request({
    origin: upstream,
    path: request.url ?? '/',
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
    body: JSON.stringify(body),
  });
  const type = String(answer.headers['content-type']);
  response.writeHead(answer.statusCode, { 'content-type': type });
  if (type === 'text/event-stream') answer.body.pipe(response);
  else response.end(JSON.stringify(await answer.body.json()));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
