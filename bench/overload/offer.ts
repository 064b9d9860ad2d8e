/**
 * Chat completions at a given rate, however the service does: the next one is sent when it is due, not when the last
 * was answered. On bare sockets, for a client that costs little beside the server. Takes its task as JSON, prints
 * what it saw, a line of JSON.
 */
import { connect, type Socket } from 'node:net';

export type OfferTask = {
  readonly port: number;
  readonly token: string;
  readonly body: object;
  /** Stands once in the body; a number of the same length takes its place in each request. */
  readonly mark: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** More that are not answered yet are counted as lost. */
  readonly connectionsMax: number;
  /** Each request comes over a connection of its own. */
  readonly isOnce?: boolean;
};

/** Of each request: when it was due, in milliseconds since the begin; its status (0: no answer); and how long it took. */
export type Seen = { readonly atMs: number; readonly status: number; readonly tookMs: number };

export type OfferResult = {
  readonly seen: readonly Seen[];
  /** Refusals that did not say when to come back. */
  readonly silent: number;
};

/** For what is under way at the end. */
const ENDING_MS = 10_000;
const TICK_MS = 2;

const task = JSON.parse(process.argv[2] ?? '{}') as OfferTask;
const idle: Connection[] = [];
const seen: Seen[] = [];
const template = Buffer.from(toText(task.body), 'latin1');
const markAt = template.indexOf(task.mark);
/** No request of another run is the same. */
const base = Math.floor(Math.random() * 1e9) * 1_000;
let open = 0;
let underWay = 0;
let silent = 0;

type Connection = { readonly socket: Socket; answer: string; onAnswer: (status: number) => void };

const beganMs = performance.now();
await new Promise<void>((resolve) => {
  let sent = 0;
  const timer = setInterval(() => {
    const passedMs = performance.now() - beganMs;
    const due = Math.floor((Math.min(passedMs, task.seconds * 1_000) * task.perSecond) / 1_000);
    for (; sent < due; sent += 1) send(sent, (sent / task.perSecond) * 1_000);
    const isOver = passedMs > task.seconds * 1_000 && underWay === 0;
    if (!isOver && passedMs < task.seconds * 1_000 + ENDING_MS) return;
    clearInterval(timer);
    resolve();
  }, TICK_MS);
});
process.stdout.write(JSON.stringify({ seen, silent } satisfies OfferResult), () => process.exit(0));

function send(index: number, dueMs: number): void {
  const sentMs = performance.now();
  const finish = (status: number) => {
    underWay -= 1;
    seen.push({ atMs: Math.round(dueMs), status, tookMs: Math.round((performance.now() - sentMs) * 10) / 10 });
  };
  underWay += 1;
  const connection = idle.pop() ?? (open < task.connectionsMax ? openOne() : undefined);
  if (!connection) {
    finish(0);
    return;
  }
  connection.onAnswer = finish;
  connection.socket.write(toRequest(index));
}

function toRequest(index: number): Buffer {
  const request = Buffer.from(template);
  request.write(String(base + index).padStart(task.mark.length, '0'), markAt, 'latin1');
  return request;
}

function openOne(): Connection {
  const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true });
  const connection: Connection = { socket, answer: '', onAnswer: () => {} };
  open += 1;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => take(connection, text));
  socket.on('error', () => {});
  socket.on('close', () => {
    open -= 1;
    const place = idle.indexOf(connection);
    if (place >= 0) idle.splice(place, 1);
    else connection.onAnswer(0);
  });
  return connection;
}

function take(connection: Connection, text: string): void {
  connection.answer += text;
  const { answer } = connection;
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return;
  const fields = answer.slice(0, headEnd).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(fields)?.[1];
  const isWhole =
    length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= headEnd + 4 + Number(length);
  if (!isWhole) return;
  const status = Number(fields.slice(9, 12));
  if (status !== 200 && !fields.includes('\r\nretry-after: ')) silent += 1;
  const { onAnswer } = connection;
  connection.onAnswer = () => {};
  connection.answer = '';
  onAnswer(status);
  if (!fields.includes('\r\nconnection: close')) idle.push(connection);
  else connection.socket.end();
}

function toText(body: object): string {
  const json = JSON.stringify(body);
  const headers = [
    `host: 127.0.0.1:${task.port}`,
    `authorization: Bearer ${task.token}`,
    'content-type: application/json',
    'x-signalbox-cache: off',
    ...(task.isOnce ? ['connection: close'] : []),
    `content-length: ${Buffer.byteLength(json)}`,
  ];
  return `POST /v1/chat/completions HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${json}`;
}
