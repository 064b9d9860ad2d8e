import { isIPv6 } from 'node:net';
import { hostInUrl } from '../../core/network/listen-host.ts';
import { firstBadNetwork } from '../../core/network/private-address.ts';
import type { ConfigPath } from '../file/config-document.ts';
import { pathText } from '../file/problems.ts';
import { nameFault } from '../schema/name-schema.ts';

/** Sixteen random characters are out of reach of guessing; words are not, but nobody can tell. */
const TOKEN_LENGTH_MIN = 16;
const TOKEN_LENGTH_MAX = 1_024;
const DISTINCT_CHARACTERS_MIN = 6;
const ADVICE = 'make one with "openssl rand -hex 32"';

/** Every token without a name is a tenant whose name begins so. */
export const UNNAMED_PREFIX = 'token-';

/** A token of the file. */
export type PlacedToken = {
  readonly path: ConfigPath;
  /** Undefined where it is not known: its reference leads nowhere, or is not resolved here. */
  readonly value: string | undefined;
  /** Undefined where it is written as a text. */
  readonly name: string | undefined;
  readonly team?: string | undefined;
  readonly user?: string | undefined;
};

type Report = (path: ConfigPath, fault: string | undefined) => void;

/** Who may be called by what name, and from where; undefined where it is not known, as with tokens. */
type Addresses = Readonly<
  Record<'allowedHosts' | 'allowedOrigins' | 'trustedProxies', readonly (string | undefined)[]>
>;

/** Reports what is wrong with each. */
export function judgeAddresses({ allowedHosts, allowedOrigins, trustedProxies }: Addresses, report: Report): void {
  for (const [index, host] of allowedHosts.entries()) {
    report(['server', 'allowedHosts', index], host === undefined ? undefined : hostFault(host));
  }
  for (const [index, origin] of allowedOrigins.entries()) {
    report(['server', 'allowedOrigins', index], origin === undefined ? undefined : originFault(origin));
  }
  for (const [index, proxy] of trustedProxies.entries()) {
    report(['server', 'trustedProxies', index], proxy === undefined ? undefined : proxyFault(proxy));
  }
}

/** Reports what is wrong with each by itself, and which are the same. */
export function judgeTokens(tokens: readonly PlacedToken[], report: Report): void {
  const places = new Map<string, string>();
  for (const { path, value, name, ...groups } of tokens) {
    const namePath = [...path, 'name'];
    const valuePath = name === undefined ? path : [...path, 'value'];
    if (value !== undefined) {
      report(valuePath, tokenFault(value));
      report(valuePath, repeated(places, `value ${value}`, valuePath));
    }
    if (name !== undefined) {
      report(namePath, tokenNameFault(name));
      report(namePath, repeated(places, `name ${name}`, namePath));
    }
    for (const group of ['team', 'user'] as const) {
      const text = groups[group];
      if (text !== undefined) report([...path, group], nameFault(text));
    }
  }
}

/** Names the first place when there is one. */
function repeated(places: Map<string, string>, what: string, path: ConfigPath): string | undefined {
  const first = places.get(what);
  if (first !== undefined) return `is the same as ${first}; each token needs its own`;
  places.set(what, pathText(path));
  return undefined;
}

/** What is wrong with a token; never repeats it. */
export function tokenFault(value: string): string | undefined {
  if (value === '') return `is empty; ${ADVICE}`;
  if (!/^[\x21-\x7e]+$/.test(value)) return `holds characters that a header cannot carry; ${ADVICE}`;
  if (value.length > TOKEN_LENGTH_MAX) return `is longer than ${TOKEN_LENGTH_MAX} characters; ${ADVICE}`;
  return undefined;
}

/** What makes a token easy to guess: guesses are slowed down, so it is used, but not in silence. */
export function tokenWeakness(value: string): string | undefined {
  if (value.length < TOKEN_LENGTH_MIN) return `is shorter than ${TOKEN_LENGTH_MIN} characters; ${ADVICE}`;
  return new Set(value).size < DISTINCT_CHARACTERS_MIN ? `is easy to guess; ${ADVICE}` : undefined;
}

/** A token's name is its tenant, which stands in books and reports. */
function tokenNameFault(name: string): string | undefined {
  const fault = nameFault(name);
  if (fault !== undefined) return fault;
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u.test(name)) return 'may hold letters, digits, spaces and . _ @ - only';
  if (name === 'local') return 'is taken: "local" is the tenant of stdio and the shell';
  return name.startsWith(UNNAMED_PREFIX) ? `may not begin with "${UNNAMED_PREFIX}"` : undefined;
}

/** An origin is compared letter by letter with what browsers send. */
function originFault(origin: string): string | undefined {
  if (origin === '*') return 'may not be "*"; name each origin';
  const isExact = URL.canParse(origin) && /^https?:/.test(origin) && new URL(origin).origin === origin;
  return isExact ? undefined : 'must be a whole origin such as "https://app.example.com", without a path';
}

/** A name as the Host header has it, with its port or without. */
function hostFault(host: string): string | undefined {
  if (host.includes('*')) return 'may hold no "*"; name each host';
  const isName = !/[\s/\\@?#]/.test(host) && URL.canParse(`http://${inBrackets(host)}`);
  return isName ? undefined : 'must be a name as in the Host header, such as "gateway.example.com": no URL, no path';
}

function proxyFault(proxy: string): string | undefined {
  return firstBadNetwork([proxy]) === -1 ? undefined : 'must be an IP address or a network such as "10.1.0.0/16"';
}

/** An allowed host in the spelling of clients, letter by letter: `FD00:0:0::1` is `[fd00::1]` there. */
export function spellHost(host: string): string {
  const written = inBrackets(host);
  const [port = ''] = /:\d{1,5}$/.exec(written) ?? [];
  return hostInUrl(written.slice(0, written.length - port.length)) + port;
}

function inBrackets(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
