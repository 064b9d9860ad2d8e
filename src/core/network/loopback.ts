import { toNetworkCheck } from './private-address.ts';

const isHere = toNetworkCheck(['127.0.0.0/8', '0.0.0.0', '::1', '::']);

/**
 * Does a host name mean this very machine? Takes what `URL.hostname` gives (which has already turned `127.1` into
 * `127.0.0.1`) as well as plain listener addresses. `0.0.0.0` and `::` count: connecting to them reaches this machine.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  return name === 'localhost' || name.endsWith('.localhost') || isHere(name);
}

/** Is the address of a URL this very machine? False for text that is no URL. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}
