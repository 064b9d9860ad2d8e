import { readdirSync, readFileSync } from 'node:fs';
import { describeProxy, type Proxies } from '../../core/network/proxies.ts';
import { formatPlural } from '../../mcp/rendering/format.ts';
import type { Machine } from '../clients/clients.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const NODE_MIN = [22, 15] as const;

/** The launcher refuses an older one; here it is said which one runs. */
export function checkNode(version: string, execPath: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  if (!isEnough) return fail('Node', `${version} is too old.`, `Install Node ${NODE_MIN.join('.')} or newer.`);
  return ok('Node', `${version} at ${execPath}`);
}

/** What a company's network asks for. A faulty proxy is among the configuration's warnings. */
export function checkNetwork({ http, https, spared }: Proxies, { env }: Machine): readonly Finding[] {
  const but = spared.length > 0 ? 'this machine and what NO_PROXY names' : 'this machine';
  const proxies = Object.entries({ http, https }).flatMap(([scheme, proxy]) =>
    proxy && 'hostname' in proxy
      ? [ok('network', `providers at ${scheme}:// are called through ${describeProxy(proxy)}, but for ${but}.`)]
      : [],
  );
  return [...proxies, ...checkAuthorities(env.NODE_EXTRA_CA_CERTS)];
}

/** Node says of a file that it cannot read one line on standard error, and of one without a certificate nothing. */
function checkAuthorities(file: string | undefined): readonly Finding[] {
  if (!file) return [];
  const count = textOf(file).match(/^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/gm)?.length;
  if (count !== undefined) return [ok('network', `NODE_EXTRA_CA_CERTS adds ${formatPlural(count, 'certificate')}.`)];
  const remedy = 'Name a file of certificates in PEM form, by its whole path.';
  return [warn('network', `no certificate can be read from ${file}, which NODE_EXTRA_CA_CERTS names.`, remedy)];
}

/** Books that were damaged once and set aside; whoever misses rows will want to know. */
export function checkSetAside(dataDir: string): readonly Finding[] {
  const files = namesIn(dataDir).filter((name) => /\.db\.(corrupt|orphaned)-/.test(name));
  // A database's log stands beside it under the same name.
  const damaged = new Set(files.map((name) => name.replace(/-(wal|shm)$/, '')));
  if (damaged.size === 0) return [];
  const message = `damaged books were set aside: ${[...damaged].join(', ')}`;
  return [warn('database', message, `Keep them if you miss rows, else delete them from ${dataDir}.`)];
}

/** None where no folder is: whether there must be one, others find out. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty where none can be read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
