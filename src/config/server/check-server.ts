import type { ConfigPath } from '../file/config-document.ts';
import type { Problems } from '../file/problems.ts';
import { holdsReference } from '../file/references.ts';
import type { ConfigInput } from '../schema/config-schema.ts';
import { judgeAddresses, judgeTokens } from './server-faults.ts';

/**
 * What of the section `server` can be judged before its references are resolved, so that every command says
 * of it what `signalbox serve` would.
 */
export function checkServer(server: ConfigInput['server'], problems: Problems): void {
  const report = (path: ConfigPath, fault: string | undefined) => {
    if (fault !== undefined) problems.add(path, fault);
  };
  const literal = (text: string) => (holdsReference(text) ? undefined : text);
  const placed = server.tokens.map((token, index) => {
    const path = ['server', 'tokens', index];
    if (typeof token === 'string') return { path, value: literal(token), name: undefined };
    return { path, value: literal(token.value), name: token.name, team: token.team, user: token.user };
  });
  judgeTokens(placed, report);
  const allowedHosts = server.allowedHosts.map(literal);
  const allowedOrigins = server.allowedOrigins.map(literal);
  const trustedProxies = server.trustedProxies.map(literal);
  judgeAddresses({ allowedHosts, allowedOrigins, trustedProxies }, report);
}
