/**
 * Does a host name mean this very machine? Takes what `URL.hostname` gives (which has already
 * turned `127.1` into `127.0.0.1` and `[::ffff:127.0.0.1]` into `[::ffff:7f00:1]`) as well as plain
 * listener addresses. `0.0.0.0` and `::` count: connecting to them reaches this machine.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = name.replace(/^::ffff:/, '');
  if (/^127(\.\d{1,3}){3}$/.test(address) || address === '0.0.0.0') return true;
  if (/^7f[0-9a-f]{2}:[0-9a-f]{1,4}$/.test(address) && name !== address) return true;
  return name === '::1' || name === '::' || name === '::ffff:0:0' || name === '0:0:0:0:0:0:0:1';
}

/** Is the address of a URL this very machine? False for text that is no URL. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}
