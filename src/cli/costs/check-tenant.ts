import { nearestName } from '../../core/wording/nearest-name.ts';
import type { Span } from '../../mcp/arguments/period.ts';
import { usageError } from '../output/failure.ts';
import type { Session } from '../session.ts';

/** Of stdio and the shell. */
const LOCAL = 'local';
const NAMED_MAX = 20;

/**
 * Throws when nobody has ever heard of the tenant: that it spent nothing would be taken for a fact. A token of the
 * configuration that was not used yet is known.
 */
export async function checkTenant(tenant: string, { app, config }: Session, span: Span): Promise<void> {
  const tokens = config.server.tokens.flatMap((token) => (typeof token === 'string' ? [] : [token.name]));
  if (tenant === LOCAL || tokens.includes(tenant)) return;
  // The first row is enough; all are counted only where there is none.
  for await (const _row of app.gateway.costRows({ ...span, tenant })) return;
  const { groups } = await app.gateway.costReport({ fromMs: 0, toMs: Date.now(), groupBy: 'tenant' });
  const booked = groups.map(({ key }) => key).filter((key) => key !== '');
  if (booked.includes(tenant)) return;
  const near = nearestName(tenant, [...booked, ...tokens]);
  const more = booked.length - NAMED_MAX;
  throw usageError(
    `No request of a tenant ${JSON.stringify(tenant.slice(0, 80))} is in the books${near === undefined ? '.' : `; did you mean "${near}"?`}`,
    booked.length === 0
      ? 'They hold no request of anybody yet.'
      : `They hold requests of ${booked.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more; "signalbox costs --group-by tenant" lists all` : ''}.`,
  );
}
