import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

const SERVER = `
const { workerData, parentPort } = require('node:worker_threads');
const server = require('node:http').createServer((_request, response) => response.end('{"ok":true}'));
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(workerData, 0, 0);
});`;

/**
 * A server on loopback that answers no greeting of TCP before it is let go, until the test ends: what it has room for is
 * taken, and it accepts nothing. Linux repeats a greeting after a second, as where a packet was lost.
 */
export async function startFullServer() {
  const held = new Int32Array(new SharedArrayBuffer(4));
  const letGo = () => {
    Atomics.store(held, 0, 1);
    Atomics.notify(held, 0);
  };
  const worker = new Worker(SERVER, { eval: true, workerData: held });
  onTestFinished(async () => {
    letGo();
    await worker.terminate();
  });
  const [port] = (await once(worker, 'message')) as [number];
  // One more than the length of its line.
  for (let index = 0; index < 2; index += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
  }
  return { port, letGo };
}
