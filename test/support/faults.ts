import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { constants, gzipSync } from 'node:zlib';
import type { ScriptedFailure } from '../../src/demo/vendors/scripted.ts';
import { type Delivery, deliverPlainly } from '../../src/demo/vendors/simulated-vendor.ts';
import type { VendorWire, WireReply } from '../../src/demo/vendors/vendor-wire.ts';

/** What goes wrong with one reply. Plain data, so that it can cross a process boundary. */
export type Fault =
  /** The connection is torn down after so many bytes of the body. */
  | { readonly type: 'reset'; readonly afterBytes: number }
  /** The connection is torn down before a byte of the answer. */
  | { readonly type: 'reset-before-headers' }
  /** The body ends cleanly after so many bytes. */
  | { readonly type: 'cut'; readonly afterBytes: number }
  /** Ends cleanly before the vendor's terminal event. */
  | { readonly type: 'no-terminal-event' }
  /** Headers announce more bytes than come. */
  | { readonly type: 'short-body'; readonly missingBytes: number }
  | { readonly type: 'stall-before-headers' }
  /** Nothing more comes after so many frames; 0: only the headers came. */
  | { readonly type: 'stall'; readonly afterFrames: number }
  /** Another status, headers or body than the vendor's own. */
  | {
      readonly type: 'replace';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly type: 'error-event'; readonly afterFrames: number; readonly failure: ScriptedFailure }
  | { readonly type: 'extra-frame'; readonly afterFrames: number; readonly frame: string }
  /** A line that is no JSON, between two good events. */
  | { readonly type: 'malformed-line'; readonly afterFrames: number }
  /** Compressed, and broken behind so many frames. */
  | { readonly type: 'broken-gzip'; readonly afterFrames: number }
  /** Every byte travels alone. */
  | { readonly type: 'byte-by-byte' }
  /** The body travels in two pieces, parted behind so many bytes. */
  | { readonly type: 'split'; readonly afterBytes: number }
  /** The same events, framed in another way that their grammar allows. */
  | { readonly type: 'reframed'; readonly as: Reframing };

export const REFRAMINGS = ['crlf', 'mark', 'several-lines', 'comments', 'no-blank'] as const;
/** Other line ends, a byte order mark, data on several lines, comments between events, no blank behind `data:`. */
export type Reframing = (typeof REFRAMINGS)[number];

/** Puts a reply on the wire with its fault. */
export async function deliverWithFault(wire: VendorWire, fault: Fault, delivery: Delivery): Promise<void> {
  const { reply, response } = delivery;
  switch (fault.type) {
    case 'reset-before-headers':
      response.destroy();
      return;
    case 'stall-before-headers':
      return;
    case 'reset':
    case 'cut': {
      await writeBytes(delivery, bytesOf(reply).subarray(0, fault.afterBytes));
      if (fault.type === 'cut') response.end();
      else response.destroy();
      return;
    }
    case 'short-body': {
      const bytes = bytesOf(reply);
      response.writeHead(reply.status, { ...reply.headers, 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length - fault.missingBytes));
      await nextTurn();
      response.socket?.end();
      return;
    }
    case 'stall':
      response.writeHead(reply.status, reply.headers);
      response.flushHeaders();
      for (const frame of reply.frames.slice(0, fault.afterFrames)) response.write(frame);
      return;
    case 'broken-gzip': {
      const text = reply.frames.slice(0, fault.afterFrames).join('');
      // Flushed, so that what came before the break can be read; then a block of a type there is none of.
      const begun = gzipSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
      response.writeHead(reply.status, { ...reply.headers, 'content-encoding': 'gzip' });
      response.write(begun);
      // Apart, or the break would swallow what came with it.
      await sleep(30);
      response.end(Buffer.alloc(64, 0xff));
      return;
    }
    case 'split': {
      const bytes = bytesOf(reply);
      await writeBytes(delivery, bytes.subarray(0, fault.afterBytes));
      response.end(bytes.subarray(fault.afterBytes));
      return;
    }
    case 'byte-by-byte':
      response.writeHead(reply.status, reply.headers);
      for (const byte of bytesOf(reply)) {
        if (!response.write(Uint8Array.of(byte))) await once(response, 'drain');
        await nextTurn();
      }
      response.end();
      return;
    default:
      await deliverPlainly({ ...delivery, reply: withFault(wire, fault, reply) });
  }
}

type ReplyFault = Extract<
  Fault,
  { type: 'no-terminal-event' | 'replace' | 'error-event' | 'extra-frame' | 'malformed-line' | 'reframed' }
>;

function withFault(wire: VendorWire, fault: ReplyFault, reply: WireReply): WireReply {
  switch (fault.type) {
    case 'no-terminal-event':
      return { ...reply, frames: reply.frames.slice(0, reply.framesBeforeEnd) };
    case 'replace':
      return {
        ...reply,
        status: fault.status ?? reply.status,
        headers: fault.headers ?? reply.headers,
        frames: fault.body === undefined ? reply.frames : [fault.body],
      };
    case 'error-event': {
      const frame = wire.failureFrame?.(fault.failure);
      if (frame === undefined) throw new Error(`${wire.kind} has no error event`);
      return { ...reply, frames: [...reply.frames.slice(0, fault.afterFrames), frame] };
    }
    case 'extra-frame':
      return withFrame(reply, fault.afterFrames, fault.frame);
    case 'malformed-line': {
      // Not the first, and of no kind that SDKs pass over unread.
      const [, good = ''] = reply.frames;
      return withFrame(reply, fault.afterFrames, good.replace(/\{.*\}/s, '{"broken": '));
    }
    case 'reframed':
      return { ...reply, frames: reply.frames.map((frame, index) => reframed(frame, index === 0, fault.as)) };
  }
}

function withFrame(reply: WireReply, afterFrames: number, frame: string): WireReply {
  const { frames } = reply;
  return { ...reply, frames: [...frames.slice(0, afterFrames), frame, ...frames.slice(afterFrames)] };
}

/** One event in another framing; NDJSON has line ends and the mark only, and stays as it is for the others. */
export function reframed(frame: string, isFirst: boolean, as: Reframing): string {
  const isEvent = /^(event|data):/m.test(frame);
  switch (as) {
    case 'crlf':
      return frame.replaceAll(/\r?\n/g, '\r\n');
    case 'mark':
      return isFirst ? `\ufeff${frame}` : frame;
    case 'several-lines':
      return isEvent ? frame.replaceAll(/^data: \{(.*)$/gm, 'data: {\ndata: $1') : frame;
    case 'comments':
      return isEvent ? `${frame}: ping\n\n` : frame;
    case 'no-blank':
      return isEvent ? frame.replaceAll(/^data: /gm, 'data:') : frame;
  }
}

export function bytesOf(reply: WireReply): Buffer {
  return Buffer.from(reply.frames.join(''), 'utf8');
}

async function writeBytes({ reply, response }: Delivery, bytes: Uint8Array): Promise<void> {
  response.writeHead(reply.status, reply.headers);
  response.flushHeaders();
  await new Promise((resolve) => response.write(bytes, resolve));
  // Lets the bytes leave before the connection ends.
  await nextTurn();
}
