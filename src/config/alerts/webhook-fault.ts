import { isIP } from 'node:net';
import { isLoopbackHost } from '../../core/network/loopback.ts';
import { firstBadNetwork, isPrivateHost, isWithin } from '../../core/network/private-address.ts';
import type { ConfigPath } from '../file/config-document.ts';
import type { WebhookInput } from '../schema/alerts-schema.ts';

type Fault = { readonly path: ConfigPath; readonly message: string };

/**
 * What is wrong with a webhook, as far as it can be told before it is used: names are looked up, and what they lead to
 * is checked, with each connection. Neither the address, which may be a secret, nor the secret is repeated.
 */
export function webhookFault({ webhook, secret, allow }: WebhookInput): Fault | undefined {
  const bad = firstBadNetwork(allow);
  if (bad !== -1) return { path: ['allow', bad], message: 'must be an IP address or a network such as "10.1.0.0/16"' };
  if (secret !== undefined && !isSigningSecret(secret)) {
    return { path: ['secret'], message: 'begins with whsec_, so the rest must be Base64' };
  }
  const message = addressFault(webhook, allow);
  return message === undefined ? undefined : { path: ['webhook'], message };
}

/** Node skips what is not Base64: down to an empty key, with which anybody signs. */
function isSigningSecret(secret: string): boolean {
  return (
    !secret.startsWith('whsec_') || /^whsec_(?:[\w+/-]{4})*(?:[\w+/-]{2,4}|[\w+/-]{2}==|[\w+/-]{3}=)$/.test(secret)
  );
}

function addressFault(text: string, allow: readonly string[]): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.username !== '' || url.password !== '') return 'holds a user name or password; put a secret into "secret"';
  const isPlain = url.protocol === 'http:' && isLoopbackHost(host);
  if (url.protocol !== 'https:' && !isPlain) return 'must begin with https:// (http:// only on this very machine)';
  // A name may lead to what is allowed: that is seen when it is looked up.
  const mayBeAllowed = isIP(host) !== 0 ? isWithin(host, allow) : allow.length > 0;
  if (!isPrivateHost(host) || mayBeAllowed) return undefined;
  return 'leads to a private address; name it in "allow" if that is meant';
}
