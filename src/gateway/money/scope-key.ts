import type { ModelInfo } from '../../core/model.ts';
import type { QuotaScope } from '../../core/quota.ts';
import type { CallerInfo, Task, Tier } from '../../core/request.ts';

/** What is known of a request when its limits are looked up. */
export type Subject = {
  readonly caller: CallerInfo;
  readonly task?: Task | undefined;
  /** Absent when model, provider or task decided. */
  readonly tier?: Tier | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

/** Whom an attempt would ask. */
export type Addressee = { readonly info: ModelInfo; readonly keyName: string };

/**
 * For whom a limit counts this attempt; undefined when it does not concern it: it is for another one, or the request
 * has no such value (no team, no tier).
 */
export function scopeKey(
  { by, metadataKey, value }: QuotaScope,
  subject: Subject,
  addressee: Addressee,
): string | undefined {
  if (by === 'global') return '';
  const own = by === 'metadata' ? metadataOf(subject, metadataKey) : READERS[by](subject, addressee);
  if (own === undefined || (value !== undefined && own !== value)) return undefined;
  return own;
}

type Reader = (subject: Subject, addressee: Addressee) => string | undefined;

const READERS: Readonly<Record<Exclude<QuotaScope['by'], 'global' | 'metadata'>, Reader>> = {
  provider: (_subject, { info }) => info.provider,
  model: (_subject, { info }) => info.ref,
  key: (_subject, { info, keyName }) => `${info.provider}/${keyName}`,
  tenant: ({ caller }) => caller.tenant,
  client: ({ caller }) => caller.client,
  team: ({ caller }) => caller.team,
  user: ({ caller }) => caller.user,
  task: ({ task }) => task ?? 'general',
  tier: ({ tier }) => tier,
};

function metadataOf({ metadata }: Subject, name: string | undefined): string | undefined {
  return name !== undefined && metadata && Object.hasOwn(metadata, name) ? metadata[name] : undefined;
}

/** Does the limit count attempts of one request one by one, since they may go to different ones? */
export function isPerAttempt({ by }: QuotaScope): boolean {
  return by === 'provider' || by === 'model' || by === 'key';
}
