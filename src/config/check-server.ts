import type { ConfigPath } from './config-document.ts';
import type { ConfigInput } from './config-schema.ts';
import type { Problems } from './problems.ts';
import { holdsReference } from './references.ts';
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
