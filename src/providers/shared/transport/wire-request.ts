import { HOP_HEADER } from '../../../core/network/hop.ts';
import type { ProviderSettings } from '../../../core/provider.ts';

/** Where a request goes: what sending needs of a URL. */
export type WireAddress = {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
  readonly href: string;
};

/** One request, ready to be written. */
export type WireRequest = {
  readonly address: WireAddress;
  readonly method: 'GET' | 'POST';
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string | null;
};

/** A provider has few: one for each kind of call, with Gemini one for each model too. */
const ADDRESSES_MAX = 256;
const addresses = new Map<string, WireAddress>();

/** Reads each URL once: reading costs more than the rest of handing a request over. */
export function addressOf(url: string): WireAddress {
  const known = addresses.get(url);
  if (known) return known;
  const { origin, host, pathname, search, href } = new URL(url);
  const address = { origin, host, path: pathname + search, href };
  if (addresses.size >= ADDRESSES_MAX) addresses.clear();
  addresses.set(url, address);
  return address;
}

/** Stands in a key's place where an SDK insists on one; never sent. */
export const NO_KEY = 'signalbox-has-no-key';

/** The headers in which the vendors' SDKs send a key. */
const KEY_HEADERS = ['authorization', 'x-api-key', 'x-goog-api-key'];

/**
 * The SDK's headers, and the configuration's, which win. Without a key none is claimed, be it one that the SDK found
 * in the environment.
 */
export function outgoingHeaders(
  sdkHeaders: RequestInit['headers'],
  configured: ProviderSettings['headers'],
  apiKey: string | undefined,
): string[] {
  const headers = new Headers(sdkHeaders);
  if (apiKey === undefined) for (const name of KEY_HEADERS) headers.delete(name);
  for (const [name, value] of Object.entries(configured ?? {})) headers.set(name, value);
  headers.set('accept-encoding', 'identity');
  headers.set(HOP_HEADER, '1');
  return [...headers].flat();
}

export function methodOf({ method = 'GET' }: RequestInit): WireRequest['method'] {
  return method.toUpperCase() as WireRequest['method'];
}
