import type { IncomingMessage } from 'node:http';

const SLASH = 47;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * A whole URL where a path belongs, as clients write it that take us for a proxy, is what follows its host: RFC 9112,
 * section 3.2.2, has every server take it. Only where its host is that of the Host header, which is checked
 * afterwards: a second name would be one that nobody checks. Every other stays as it is, and is refused.
 */
export function toOriginForm(incoming: IncomingMessage): void {
  const { url = '', headers } = incoming;
  if (url.charCodeAt(0) === SLASH) return;
  const [, host, rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (host === undefined || host.toLowerCase() !== headers.host?.toLowerCase()) return;
  incoming.url = rest.startsWith('/') ? rest : `/${rest}`;
}
