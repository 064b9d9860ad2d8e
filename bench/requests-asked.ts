/** How many requests the command's only argument asks for; ends the process with a sentence when it is none. */
export function requestsAsked(usual: number): number {
  const [, , asked = String(usual)] = process.argv;
  if (/^[1-9]\d*$/.test(asked)) return Number(asked);
  process.stderr.write(`"${asked}" is no number of requests: give a whole one, such as ${usual}.\n`);
  process.exit(2);
}
