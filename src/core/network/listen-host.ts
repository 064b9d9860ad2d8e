/** Where an address to listen on means every address there is, of IPv4 or of all. */
const EVERY_ADDRESS: readonly string[] = ['', '0.0.0.0', '[::]', '[::ffff:0:0]'];

/**
 * An address to listen on as URLs and the Host header have it: `0` is `0.0.0.0`, `127.1` is `127.0.0.1`, and
 * `FD00:0:0::1` is `[fd00::1]`. What no URL can hold stays as it is written.
 */
export function hostInUrl(host: string): string {
  const written = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host.toLowerCase();
  return URL.canParse(`http://${written}`) ? new URL(`http://${written}`).hostname : written;
}

/** Does who listens there listen on every address of the machine? */
export function isEveryAddress(host: string): boolean {
  return EVERY_ADDRESS.includes(hostInUrl(host));
}
