import { Writable } from 'node:stream';

/**
 * Takes standard output for the protocol: the returned stream alone still writes there, and what
 * anything else in the process prints goes to standard error, where it cannot corrupt a message.
 */
export function claimStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // The stream below reports a broken output itself; a broken standard error is no reason to fail.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  return new Writable({
    decodeStrings: false,
    // Done once the bytes have left the process: what is counted as unread is unread, and `end` is a flush.
    write: (chunk: string, encoding, done) => void write(chunk, encoding, done),
  });
}
