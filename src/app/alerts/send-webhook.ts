import { createHmac } from 'node:crypto';
import dns from 'node:dns';
import http, { type ClientRequestArgs } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Webhook } from '../../core/alerts.ts';
import { GatewayError } from '../../core/errors.ts';
import { isLoopbackHost } from '../../core/network/loopback.ts';
import { isPrivateAddress, isWithin } from '../../core/network/private-address.ts';
import { type Proxies, proxyFor } from '../../core/network/proxies.ts';
import { SYSTEM_CLOCK } from '../../resilience/system-clock.ts';
import { withinLimit } from '../../resilience/within-limit.ts';

/** What is sent; the same `id` each time, so that a receiver can tell a repetition. */
export type WebhookMessage = { readonly id: string; readonly body: string; readonly sentAtMs: number };

/** `isFinal`: another try would end the same way. The reason never holds the address. */
export type WebhookResult =
  | { readonly type: 'delivered' }
  | { readonly type: 'failed'; readonly reason: string; readonly isFinal: boolean };

export type SendOptions = {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** How names are looked up; the system's when absent. */
  readonly lookup?: LookupFunction;
  /** None when absent. */
  readonly proxies?: Proxies;
};

const TIMEOUT_MS = 10_000;
/** What was forbidden stays so until the configuration says otherwise. */
class ForbiddenAddress extends Error {}

/**
 * Posts once. Every address a name leads to is checked as it is connected to, so that it cannot change in between; where
 * a proxy is the way out, it looks names up, and what it lets through is for those who run it to say. Redirects are not
 * followed, certificates are always verified, and what is answered beyond the status is not read. Signed as
 * standardwebhooks.com has it (version 1.0.0). Never throws.
 */
export async function sendWebhook(
  webhook: Webhook,
  message: WebhookMessage,
  { signal, timeoutMs = TIMEOUT_MS, lookup = dns.lookup, proxies }: SendOptions,
): Promise<WebhookResult> {
  const url = new URL(webhook.url);
  const mayReach = (address: string) => isAllowed(address, url, webhook.allow);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayReach(host)) return forbidden();
  const proxy = proxies && proxyFor(proxies, url.origin);
  const headers = headersOf(webhook, message);
  const args = { headers, lookup: guarded(lookup, mayReach) };
  return withinLimit({ clock: SYSTEM_CLOCK, signal, limitMs: timeoutMs }, async (ending) => {
    try {
      if (!proxy) return judge(await post(url, message.body, { ...args, signal: ending }));
      // With it comes undici, which a process that has no such notice to send never loads.
      const { postThroughProxy } = await import('./post-through-proxy.ts');
      return judge(await postThroughProxy(proxy, url, { headers, body: message.body, signal: ending, timeoutMs }));
    } catch (error) {
      if (error instanceof ForbiddenAddress) return forbidden();
      const reason = ending.aborted && !signal.aborted ? `no answer within ${timeoutMs} ms` : codeOf(error);
      return { type: 'failed', reason, isFinal: false };
    }
  });
}

/** Plain text never leaves this machine, whatever is allowed. */
function isAllowed(address: string, { protocol }: URL, allow: readonly string[]): boolean {
  if (protocol !== 'https:' && !isLoopbackHost(address)) return false;
  return !isPrivateAddress(address) || isWithin(address, allow);
}

/** Hands over only what may be reached. */
function guarded(lookup: LookupFunction, mayReach: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const addresses = Array.isArray(found) ? found.filter(({ address }) => mayReach(address)) : [];
      const [first] = addresses;
      if (!first) return done(new ForbiddenAddress('leads to a private address'), []);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
}

/** The status. */
function post(url: URL, body: string, args: ClientRequestArgs): Promise<number> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sending = request(url, { ...args, method: 'POST', agent: false, rejectUnauthorized: true }, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    // What is cut off after the status is known concerns nobody.
    sending.on('error', reject);
    sending.end(body);
  });
}

function headersOf({ secret }: Webhook, { id, body, sentAtMs }: WebhookMessage): Record<string, string> {
  const timestamp = String(Math.floor(sentAtMs / 1_000));
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'signalbox',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(secret !== undefined && {
      'webhook-signature': `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
    }),
  };
}

/** A secret of that standard's own form is Base64; any other is taken as it is. */
function keyOf(secret: string): Buffer {
  const prefix = 'whsec_';
  return secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
}

function judge(status: number): WebhookResult {
  if (status >= 200 && status < 300) return { type: 'delivered' };
  const isRedirect = status >= 300 && status < 400;
  const reason = isRedirect ? `a redirect (${status}), which is not followed` : `status ${status}`;
  // 410: the receiver is gone for good.
  return { type: 'failed', reason, isFinal: isRedirect || status === 410 };
}

function forbidden(): WebhookResult {
  return { type: 'failed', reason: 'it leads to an address that is not allowed', isFinal: true };
}

/** The system's word for it: messages hold the address. Those about a proxy hold the host alone. */
function codeOf(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}
