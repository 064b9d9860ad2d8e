import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { PlainResponse } from '../../src/http/plain-response.ts';

const COMMON = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

async function answerOf(write: (response: PlainResponse) => void) {
  const server = createServer({ ServerResponse: PlainResponse }, (_request, response) => {
    write(response);
    response.end('said');
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } });
  await response.text();
  return { status: response.status, text: response.statusText, headers: Object.fromEntries(response.headers) };
}

it.each<[string, (response: PlainResponse) => void]>([
  ['by nobody', () => undefined],
  ['with a status alone', (response) => response.writeHead(200)],
  ['as an object', (response) => response.writeHead(200, { 'x-own': '1', 'x-absent': undefined })],
  ['as a list', (response) => response.writeHead(200, ['x-own', '1'])],
  ['behind the words of the status', (response) => response.writeHead(200, 'Fine', { 'x-own': '1' })],
  ['behind words that are not there', (response) => response.writeHead(200, undefined, { 'x-own': '1' })],
])('an answer has the headers of all, when its own are written %s', async (how, write) => {
  const { text, headers } = await answerOf(write);
  expect(headers).toMatchObject(COMMON);
  if (!/nobody|alone/.test(how)) expect(headers).toMatchObject({ 'x-own': '1' });
  expect(headers).not.toHaveProperty('x-absent');
  expect(text).toBe(how.startsWith('behind the') ? 'Fine' : 'OK');
});

it.each<[string, (response: PlainResponse) => void]>([
  ['in any case of letters', (response) => response.writeHead(200, { 'Cache-Control': 'private' })],
  ['as a list', (response) => response.writeHead(200, ['Cache-Control', 'private'])],
  ['before', (response) => response.setHeader('cache-control', 'private')],
])('what an answer says itself goes before what all of them say: %s', async (_how, write) => {
  const { headers } = await answerOf(write);
  expect(headers).toMatchObject({ ...COMMON, 'cache-control': 'private' });
});
