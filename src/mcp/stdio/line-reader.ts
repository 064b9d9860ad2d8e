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
const EMPTY = Buffer.alloc(0);

/**
 * Cuts a byte stream into lines and never holds more than `lineBytesMax` of one: the rest of a
 * longer line is counted and dropped. A line is put together once, however many chunks it came in.
 */
export function createLineReader(lineBytesMax: number): LineReader {
  let chunks: Buffer[] = [];
  let byteCount = 0;
  let head: string | undefined;
  let tail: Buffer = EMPTY;

  const add = (bytes: Buffer) => {
    byteCount += bytes.length;
    if (head !== undefined) {
      tail = lastBytes([tail, bytes]);
      return;
    }
    chunks.push(bytes);
    if (byteCount <= lineBytesMax) return;
    head = firstBytes(chunks).toString('latin1');
    tail = lastBytes(chunks);
    chunks = [];
  };

  const finish = (): Line => {
    const line: Line =
      head === undefined
        ? { type: 'line', bytes: chunks.length === 1 ? (chunks[0] ?? tail) : Buffer.concat(chunks) }
        : { type: 'oversize', byteCount, head, tail: tail.toString('latin1') };
    chunks = [];
    byteCount = 0;
    head = undefined;
    tail = EMPTY;
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

function firstBytes(chunks: readonly Buffer[]): Buffer {
  const taken: Buffer[] = [];
  for (let index = 0, byteCount = 0; index < chunks.length && byteCount < END_BYTES; index += 1) {
    const chunk = chunks[index] ?? EMPTY;
    taken.push(chunk.subarray(0, END_BYTES));
    byteCount += chunk.length;
  }
  return Buffer.concat(taken).subarray(0, END_BYTES);
}

/** Copied, so that the chunks themselves can be given back. */
function lastBytes(chunks: readonly Buffer[]): Buffer {
  const taken: Buffer[] = [];
  for (let index = chunks.length - 1, byteCount = 0; index >= 0 && byteCount < END_BYTES; index -= 1) {
    const chunk = chunks[index] ?? EMPTY;
    taken.unshift(chunk.subarray(-END_BYTES));
    byteCount += chunk.length;
  }
  return Buffer.from(Buffer.concat(taken).subarray(-END_BYTES));
}
