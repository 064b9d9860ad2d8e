import type { WholeReply } from './reply.ts';

/** A whole answer in JSON; 200 unless another status is given. */
export function jsonReply(body: object, headers: Readonly<Record<string, string>> = {}, status = 200): WholeReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
