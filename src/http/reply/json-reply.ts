import type { WholeReply } from './reply.ts';

/** A whole answer in JSON; 200 unless another status is given. */
export function jsonReply(body: object, headers: Readonly<Record<string, string>> = {}, status = 200): WholeReply {
  return writtenReply(JSON.stringify(body), headers, status);
}

/** The same of what is JSON already. */
export function writtenReply(json: string, headers: Readonly<Record<string, string>>, status = 200): WholeReply {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: json };
}
