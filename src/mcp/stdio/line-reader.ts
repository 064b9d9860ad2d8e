/** One line of input; of one that is too long only its ends, which may tell whose request it was. */
export type Line =
  | { readonly type: 'line'; readonly bytes: Buffer }
  | { readonly type: 'oversize'; readonly byteCount: number; readonly head: string; readonly tail: string };

export type LineReader = {
  /** The lines this chunk completes. */
  readonly push: (chunk: Buffer) => readonly Line[];
  /** What was left without a newline when the input ended. */
  readonly end: () => readonly Line[];
};

const END_BYTES = 512;
const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines and never holds more than `lineBytesMax` of one: the rest of a
 * longer line is counted and dropped. A line is put together once, however many chunks it came in.
 */
export function createLineReader(lineBytesMax: number): LineReader {
  let chunks: Buffer[] = [];
  let byteCount = 0;
  let head: string | undefined;
  let tail = Buffer.alloc(0);

  const add = (bytes: Buffer) => {
    byteCount += bytes.length;
    if (head === undefined) chunks.push(bytes);
    if (head === undefined && byteCount > lineBytesMax) {
      head = Buffer.concat(chunks.slice(0, 2)).toString('latin1', 0, END_BYTES);
      tail = Buffer.concat(chunks).subarray(-END_BYTES);
      chunks = [];
    } else if (head !== undefined) {
      tail = Buffer.concat([tail, bytes.subarray(-END_BYTES)]).subarray(-END_BYTES);
    }
  };

  const finish = (): Line => {
    const line: Line =
      head === undefined
        ? { type: 'line', bytes: chunks.length === 1 ? (chunks[0] ?? tail) : Buffer.concat(chunks) }
        : { type: 'oversize', byteCount, head, tail: tail.toString('latin1') };
    chunks = [];
    byteCount = 0;
    head = undefined;
    tail = Buffer.alloc(0);
    return line;
  };

  return {
    push: (chunk) => {
      const lines: Line[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        add(chunk.subarray(start, end));
        lines.push(finish());
        start = end + 1;
      }
      if (start < chunk.length) add(chunk.subarray(start));
      return lines;
    },
    end: () => (byteCount > 0 ? [finish()] : []),
  };
}
