import { meaningOf } from '../../../core/collections/meaning-of.ts';
import { GatewayError } from '../../../core/errors.ts';

/** Far above any event of text; the SDKs join and scan an unfinished one again with every chunk. */
const EVENT_BYTES_MAX = 2 * 1024 * 1024;

/** Where an event ends, first in the usual way: at a blank line in server-sent events, at a line's end in NDJSON. */
const ENDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'text/event-stream': ['\n\n', '\n\r\n', '\r\r'],
  'application/x-ndjson': ['\n'],
};
/** Under any other name events come all the same, and none of them is longer than its lines are. */
const LINE_ENDS = ['\n', '\r'] as const;

/** Watches that no event of a stream grows without end. */
export function createEventGauge(contentType: string, host: string): (chunk: Uint8Array) => void {
  const ends = meaningOf(contentType.split(';')[0]?.trim().toLowerCase() ?? '', ENDS) ?? LINE_ENDS;
  const usualEnd = Buffer.from(ends[0]);
  let pendingBytes = 0;
  let carried: Uint8Array = new Uint8Array();
  return (chunk) => {
    // Nearly every chunk ends with its event: there is nothing to search then.
    if (endsWith(chunk, usualEnd)) {
      pendingBytes = usualEnd.length;
      carried = usualEnd;
      return;
    }
    const joined = Buffer.concat([carried, chunk]);
    const endsAt = Math.max(...ends.map((end) => joined.lastIndexOf(end)));
    pendingBytes = endsAt < 0 ? pendingBytes + chunk.length : joined.length - endsAt;
    if (pendingBytes > EVENT_BYTES_MAX) {
      throw new GatewayError('malformed_response', `${host} sent an event of more than ${EVENT_BYTES_MAX} bytes.`);
    }
    carried = joined.subarray(-2);
  };
}

function endsWith(chunk: Uint8Array, end: Uint8Array): boolean {
  const start = chunk.length - end.length;
  return start >= 0 && end.every((byte, index) => chunk[start + index] === byte);
}
