import { isLoopbackHost } from './loopback.ts';
import { percentDecoded } from './percent-decoded.ts';
import { isWithin } from './private-address.ts';

/** A proxy that the environment names. */
export type UsableProxy = {
  /** The environment variable that names it. */
  readonly variable: string;
  readonly protocol: 'http:' | 'https:';
  /** Without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  readonly credentials?: { readonly user: string; readonly password: string };
};

/** `fault`: what is wrong with the variable, as the end of a sentence that begins with its name; never its value. */
export type FaultyProxy = { readonly variable: string; readonly fault: string };

/** Which proxy leads to addresses of each scheme, and to which hosts none does. */
export type Proxies = {
  readonly http?: UsableProxy | FaultyProxy;
  readonly https?: UsableProxy | FaultyProxy;
  /** The entries of `NO_PROXY`. */
  readonly spared: readonly string[];
};

const EXAMPLE = 'http://user:password@proxy.example:8080';
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'];

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as curl and Node read them: each scheme has its own, the lower-case name
 * wins, and one that is empty counts as not set.
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): Proxies {
  const [http, https] = [readProxy(env, 'HTTP_PROXY'), readProxy(env, 'HTTPS_PROXY')];
  const spared =
    findVariable(env, 'NO_PROXY')
      ?.text.toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean) ?? [];
  return { ...(http && { http }), ...(https && { https }), spared };
}

/** The proxy to this origin; undefined where none is to be used, as for this machine and its link, whatever is set. */
export function proxyFor({ http, https, spared }: Proxies, origin: string): Proxies['http'] {
  const { protocol, hostname, port } = new URL(origin);
  const proxy = protocol === 'https:' ? https : http;
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (!proxy || isLoopbackHost(host) || isWithin(host, LINK_LOCAL)) return undefined;
  const target = { host, port: port || (protocol === 'https:' ? '443' : '80') };
  return spared.some((entry) => isSpared(target, entry)) ? undefined : proxy;
}

/** A proxy as messages name it: never with its password. */
export function describeProxy(proxy: UsableProxy): string {
  return `the proxy ${hostOf(proxy)}:${proxy.port} of ${proxy.variable}`;
}

/** With its password, for programs that open the way themselves. */
export function addressOf(proxy: UsableProxy): string {
  const { user = '', password = '' } = proxy.credentials ?? {};
  const credentials = proxy.credentials ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : '';
  return `${proxy.protocol}//${credentials}${hostOf(proxy)}:${proxy.port}`;
}

/** As it stands in an address. */
export function hostOf({ hostname }: UsableProxy): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname;
}

/** What must never be shown of the proxies. */
export function proxySecrets({ http, https }: Proxies): readonly string[] {
  return [http, https].flatMap((proxy) => (proxy && 'credentials' in proxy ? [proxy.credentials.password] : []));
}

function findVariable(env: Readonly<Record<string, string | undefined>>, name: string) {
  for (const variable of [name.toLowerCase(), name]) {
    const text = env[variable]?.trim();
    if (text) return { variable, text };
  }
  return undefined;
}

function readProxy(env: Readonly<Record<string, string | undefined>>, name: string): Proxies['http'] {
  const found = findVariable(env, name);
  if (!found) return undefined;
  const { variable, text } = found;
  const address = text.includes('://') ? text : `http://${text}`;
  if (/^socks/i.test(address)) {
    return { variable, fault: `names a SOCKS proxy, and only HTTP proxies are supported, such as ${EXAMPLE}` };
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // A password with a bare "#", "/" or "?" ends the host too early: what is taken for the host is then a part of it.
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || /[?#]/.test(address)) {
    return {
      variable,
      fault: `is no address such as ${EXAMPLE} (in a password "#", "/" and "?" are %23, %2F and %3F)`,
    };
  }
  const protocol = url.protocol as UsableProxy['protocol'];
  const { username, password } = url;
  return {
    variable,
    protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (protocol === 'https:' ? 443 : 80),
    ...((username || password) && {
      credentials: { user: percentDecoded(username), password: percentDecoded(password) },
    }),
  };
}

/** An entry is `*`, an address, a network, or a domain with all below it; hosts may have a port. */
function isSpared({ host, port }: { readonly host: string; readonly port: string }, entry: string): boolean {
  if (entry === '*' || isWithin(host, [entry])) return true;
  const [, bracketed, name, onlyPort] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== undefined && Number(onlyPort) !== Number(port)) return false;
  const domain = (bracketed ?? name ?? '').replace(/^\*?\.|\.$/g, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`) || isWithin(host, [domain]));
}
