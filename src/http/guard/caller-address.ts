import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { toNetworkCheck } from '../../core/network/private-address.ts';

/** Where a request comes from; empty when its socket is closed already. */
export type AddressReader = (incoming: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Each proxy writes the address that called it behind those that stand in X-Forwarded-For already. So it is read
 * backwards, and only as far as those who wrote are trusted: what stands before is whatever the caller says.
 */
export function createAddressReader(trustedProxies: readonly string[]): AddressReader {
  const isTrusted = toNetworkCheck(trustedProxies);
  return ({ headers, socket }) => {
    let address = socket.remoteAddress ?? '';
    const forwarded = String(headers['x-forwarded-for'] ?? '');
    for (const written of forwarded.split(',').reverse()) {
      const before = withoutPort(written.trim());
      if (isIP(before) === 0 || !isTrusted(address)) break;
      address = before;
    }
    return address;
  };
}

/** Some write `192.0.2.7:51234`, and `[2001:db8::7]:51234`. */
function withoutPort(written: string): string {
  const [, six, four] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(written) ?? [];
  return six ?? four ?? written;
}
