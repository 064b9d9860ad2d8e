import { isOwnAddress, type Listener } from './own-address.ts';

/** No slash: what stands before the first slash of a model's name is the provider. */
export const PROVIDER_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Headers that belong to the connection, not to the caller. */
const CONNECTION_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection', 'content-type'];

/** What is wrong with a provider's address; never repeats it, since it may hold a password. */
export function baseUrlFault(baseUrl: string, listener: Listener): string | undefined {
  if (!URL.canParse(baseUrl)) return 'must be a whole URL such as "https://api.example.com/v1"';
  const url = new URL(baseUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password; use apiKey or headers';
  if (url.search !== '' || url.hash !== '') return 'must end with its path, without "?" or "#"';
  if (isOwnAddress(baseUrl, listener)) {
    return `is the address Signalbox itself listens on (port ${listener.port}); requests would go round in a circle`;
  }
  return undefined;
}

export function headerFault(name: string, value: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name)) return 'is not a name a header can have';
  if (CONNECTION_HEADERS.includes(name.toLowerCase())) return 'is set by the connection itself';
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? undefined : 'holds characters that a header cannot carry';
}

/** A key travels in a header. */
export function keyFault(value: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'the key holds characters that no key has (white space, letters beyond ASCII)';
}
