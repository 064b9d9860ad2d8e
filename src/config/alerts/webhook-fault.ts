import { isIP } from 'node:net';
import { isLoopbackHost } from '../../core/network/loopback.ts';
import { firstBadNetwork, isPrivateHost, isWithin } from '../../core/network/private-address.ts';
import type { ConfigPath } from '../file/config-document.ts';

type Fault = { readonly path: ConfigPath; readonly message: string };

/**
 * What is wrong with the address of a webhook, as far as it can be told before it is used: names are looked up, and
 * what they lead to is checked, with each connection. The address is not repeated: it may be a secret.
 */
export function webhookFault(text: string, allow: readonly string[]): Fault | undefined {
  const bad = firstBadNetwork(allow);
  if (bad !== -1) return { path: ['allow', bad], message: 'must be an IP address or a network such as "10.1.0.0/16"' };
  const message = addressFault(text, allow);
  return message === undefined ? undefined : { path: ['webhook'], message };
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
