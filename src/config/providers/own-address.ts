import { hostname, networkInterfaces } from 'node:os';
import { hostInUrl, isEveryAddress } from '../../core/network/listen-host.ts';
import { isLoopbackHost } from '../../core/network/loopback.ts';

export type Listener = { readonly host: string; readonly port: number };

/**
 * Would a request to this URL reach Signalbox's own listener? All names of this machine count as
 * one; a listener on every interface is also reached by the machine's other addresses.
 */
export function isOwnAddress(url: string, listener: Listener): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname: given, port, protocol } = new URL(url);
  if (Number(port || (protocol === 'https:' ? 443 : 80)) !== listener.port) return false;
  const host = bareHost(given);
  const own = bareHost(hostInUrl(listener.host));
  if (host === own) return true;
  const everyInterface = isEveryAddress(listener.host);
  if (isLoopbackHost(host)) return everyInterface || isLoopbackHost(own);
  return everyInterface && ownNames().includes(host);
}

function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
  return [...addresses, hostname(), `${hostname()}.local`].map(bareHost);
}

function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/\.$/, '');
}
