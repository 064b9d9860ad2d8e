import { hash } from 'node:crypto';
import { dirname } from 'node:path';
import type { ConfigPath } from '../file/config-document.ts';
import { configInvalid, pathText } from '../file/problems.ts';
import { resolveReference } from '../file/references.ts';
import type { Surroundings } from '../folders.ts';
import { filled } from '../folders.ts';
import type { ConfigInput } from '../schema/config-schema.ts';
import {
  judgeAddresses,
  judgeTokens,
  type PlacedToken,
  spellHost,
  tokenFault,
  tokenWeakness,
  UNNAMED_PREFIX,
} from './server-faults.ts';

type Server = ConfigInput['server'];

/** One bearer token, resolved. */
export type ServerToken = {
  readonly value: string;
  readonly tenant: string;
  readonly team?: string | undefined;
  readonly user?: string | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly concurrency?: number | undefined;
};

/** The section `server` with its references resolved. */
export type ResolvedServer = Omit<Server, 'tokens'> & {
  readonly tokens: readonly ServerToken[];
  /** One sentence each, with the place; never a value. */
  readonly warnings: readonly string[];
};

type Scope = {
  readonly surroundings: Surroundings;
  readonly baseDir: string;
  readonly faults: string[];
  readonly weaknesses: string[];
};

/** Taken for a token when the configuration names none. */
const TOKEN_VARIABLE = 'SIGNALBOX_TOKEN';
/** Not `signalbox check`: it looks at nothing of this section that has to be resolved. */
const HINT = 'Correct the places named, and start it again; "openssl rand -hex 32" makes a token.';

/**
 * What `signalbox serve` needs of the configuration. Throws `config_invalid` for a token that is
 * missing, unusable or there twice, naming its place and never its value.
 */
export async function resolveServer(
  config: { readonly source: string; readonly server: Server },
  surroundings: Surroundings,
): Promise<ResolvedServer> {
  const { source, server } = config;
  const isFile = source !== 'environment';
  const baseDir = isFile ? dirname(source) : surroundings.cwd;
  const scope: Scope = { surroundings, baseDir, faults: [], weaknesses: [] };
  const tokens = await resolveTokens(server, scope);
  const host = (await resolveText(server.host, ['server', 'host'], scope)) ?? server.host;
  const allowedHosts = await resolveList(server.allowedHosts, 'allowedHosts', scope);
  const allowedOrigins = await resolveList(server.allowedOrigins, 'allowedOrigins', scope);
  const trustedProxies = await resolveList(server.trustedProxies, 'trustedProxies', scope);
  judgeAddresses({ allowedHosts, allowedOrigins, trustedProxies }, (path, fault) => addFault(scope, path, fault));
  if (scope.faults.length > 0) {
    throw configInvalid(
      scope.faults.map((fault) => (isFile ? `${source} ${fault}` : fault)),
      HINT,
    );
  }
  return {
    ...server,
    host,
    allowedHosts: allowedHosts.filter(isKnown).map(spellHost),
    allowedOrigins: allowedOrigins.filter(isKnown),
    trustedProxies: trustedProxies.filter(isKnown),
    tokens,
    warnings: scope.weaknesses,
  };
}

async function resolveTokens({ tokens }: Server, scope: Scope): Promise<readonly ServerToken[]> {
  const { env } = scope.surroundings;
  if (tokens.length === 0 && filled(env[TOKEN_VARIABLE]) !== undefined) {
    const value = env[TOKEN_VARIABLE]?.trim() ?? '';
    const fault = tokenFault(value);
    if (fault !== undefined) scope.faults.push(`The environment variable ${TOKEN_VARIABLE} ${fault}`);
    noteWeakness(scope, `The environment variable ${TOKEN_VARIABLE}`, value);
    return [{ value, tenant: tenantOf(value) }];
  }
  const resolved: ServerToken[] = [];
  const placed: PlacedToken[] = [];
  for (const [index, token] of tokens.entries()) {
    const path = ['server', 'tokens', index];
    const isText = typeof token === 'string';
    const valuePath = isText ? path : [...path, 'value'];
    const value = await resolveText(isText ? token : token.value, valuePath, scope);
    placed.push({
      path,
      value,
      ...(isText ? { name: undefined } : { name: token.name, team: token.team, user: token.user }),
    });
    if (value === undefined) continue;
    noteWeakness(scope, pathText(valuePath), value);
    if (isText) {
      resolved.push({ value, tenant: tenantOf(value) });
      continue;
    }
    const { name, value: _written, ...more } = token;
    resolved.push({ ...more, value, tenant: name });
  }
  judgeTokens(placed, (path, fault) => addFault(scope, path, fault));
  return resolved;
}

function noteWeakness({ weaknesses }: Scope, place: string, value: string): void {
  const weakness = tokenWeakness(value);
  if (weakness !== undefined) weaknesses.push(`${place} ${weakness}`);
}

/** The same after every start and in whatever order tokens stand; tells nothing of use about the token. */
function tenantOf(value: string): string {
  return UNNAMED_PREFIX + hash('sha256', `signalbox tenant\n${value}`, 'hex').slice(0, 12);
}

/** Each in its place; undefined where its reference leads nowhere, which is a fault by then. */
async function resolveList(texts: readonly string[], field: string, scope: Scope) {
  const resolved: (string | undefined)[] = [];
  for (const [index, text] of texts.entries()) {
    resolved.push(await resolveText(text, ['server', field, index], scope));
  }
  return resolved;
}

function isKnown(text: string | undefined): text is string {
  return text !== undefined;
}

async function resolveText(text: string, path: ConfigPath, scope: Scope): Promise<string | undefined> {
  const resolved = await resolveReference(text, scope.surroundings, scope.baseDir);
  if (resolved.ok) return resolved.value;
  addFault(scope, path, resolved.reason);
  return undefined;
}

function addFault({ faults }: Scope, path: ConfigPath, fault: string | undefined): void {
  if (fault !== undefined) faults.push(`${pathText(path)}: ${fault}`);
}
