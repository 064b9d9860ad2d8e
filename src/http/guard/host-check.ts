import type { HttpSettings } from '../http-settings.ts';

const HTTP_PORT = 80;

/**
 * Is this the name of our server? A web page that has its own name lead to this machine (DNS rebinding)
 * sends that name. Compared letter by letter: every other spelling of an address is refused.
 */
export function isAllowedHost(host: string | undefined, port: number | undefined, settings: HttpSettings): boolean {
  if (host === undefined) return false;
  const given = host.toLowerCase();
  for (const name of ['127.0.0.1', 'localhost', '[::1]', ownName(settings.host)]) {
    if (given === `${name}:${port}` || (port === HTTP_PORT && given === name)) return true;
  }
  return settings.allowedHosts.some((allowed) => {
    const name = allowed.toLowerCase();
    return given === name || (!hasPort(name) && given.replace(/:\d{1,5}$/, '') === name);
  });
}

/** The address we listen on, unless that is every one. */
function ownName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host.toLowerCase();
}

function hasPort(name: string): boolean {
  return /(^|[^:]|\]):\d+$/.test(name) && !/^[^[]*:.*:/.test(name);
}
