import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Nobody on the way keeps an answer, and no browser takes it for another type than it says. */
const COMMON: Readonly<Record<string, string>> = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/**
 * Whether a connection is kept depends on what its client said and on whether the server ends, which an answer does not
 * know: that of MCP's SDK, which always says so, would hold a connection whose client has asked for its end.
 */
const NOT_ITS_OWN = 'connection';

/**
 * An event of a response: all of the answer is written, and only its end waits, for the rest of a request that nobody
 * wants. Whoever keeps places for requests gives this one's to others.
 */
export const ANSWERED = 'answered';

/**
 * What the server answers with: the headers all answers share are added where every answer passes,
 * whoever writes it. Together with its own, since Node writes headers that come at once for a fraction
 * of what headers set one by one cost.
 */
export class PlainResponse extends ServerResponse {
  override writeHead(
    statusCode: number,
    statusMessage?: string,
    headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this;
  override writeHead(statusCode: number, headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]): this;
  override writeHead(
    statusCode: number,
    first?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
    second?: OutgoingHttpHeaders | OutgoingHttpHeader[],
  ): this {
    const message = typeof first === 'string' ? first : undefined;
    const headers = typeof first === 'object' ? first : second;
    if (headers !== undefined && !Array.isArray(headers)) {
      return super.writeHead(statusCode, message, withCommon(headers));
    }
    for (const [name, value] of Object.entries(COMMON)) if (!this.hasHeader(name)) this.setHeader(name, value);
    return super.writeHead(statusCode, message, headers);
  }
}

/** As a list, which Node takes as it stands. What an answer says itself goes before what all of them say. */
function withCommon(headers: OutgoingHttpHeaders): OutgoingHttpHeader[] {
  const list: OutgoingHttpHeader[] = [];
  for (const name in COMMON) if (!says(headers, name)) list.push(name, COMMON[name] ?? '');
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !isCalled(name, NOT_ITS_OWN)) list.push(name, value);
  }
  return list;
}

function says(headers: OutgoingHttpHeaders, name: string): boolean {
  for (const own in headers) if (isCalled(own, name)) return true;
  return false;
}

/** Whatever the case of its letters: others write theirs with capitals. */
function isCalled(written: string, name: string): boolean {
  return written.length === name.length && written.toLowerCase() === name;
}
