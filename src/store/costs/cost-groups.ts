import { type CostGroup, METADATA_GROUP } from '../../core/costs.ts';

/** The key of the group of rows that have no value: no rule, no tier, no model. */
export const NO_GROUP = '(none)';

/** SQL for the key of a group: of a request `r`, of one of its attempts `a`, of a correction `c` without an attempt. */
export type GroupKeys = { readonly request: string; readonly attempt: string; readonly correction: string };

/** The expressions may use `@metadataKey`, which `groupParameters` has. */
export function groupKeys(groupBy: CostGroup | undefined): GroupKeys {
  if (groupBy === undefined) return { request: "''", attempt: "''", correction: "''" };
  if (isMetadataGroup(groupBy)) return ofRequest(METADATA_VALUE);
  return GROUP_KEYS[groupBy];
}

export function groupParameters(groupBy: CostGroup | undefined): { readonly metadataKey: string | null } {
  return { metadataKey: groupBy && isMetadataGroup(groupBy) ? groupBy.slice(METADATA_GROUP.length) : null };
}

function isMetadataGroup(group: CostGroup): group is `${typeof METADATA_GROUP}${string}` {
  return group.startsWith(METADATA_GROUP);
}

const METADATA_VALUE = '(SELECT value FROM json_each(r.metadata) WHERE key = @metadataKey)';

/** Of the attempt that answered, or else was made last. */
const HOME_KEY = `(SELECT provider || '/' || key FROM attempts WHERE request_id = r.id
  ORDER BY model IS r.model DESC, started_at_ms DESC, id DESC LIMIT 1)`;

/**
 * Tokens and cost belong to the provider, model and key of the attempt; the request itself, its cache hit and
 * what that saved, to the model that answered it, or that was asked last. Hours and days are of UTC.
 */
const GROUP_KEYS: Record<Exclude<CostGroup, `${typeof METADATA_GROUP}${string}`>, GroupKeys> = {
  model: { request: 'r.home_model', attempt: 'a.model', correction: 'c.model' },
  provider: {
    request: "substr(r.home_model, 1, instr(r.home_model, '/') - 1)",
    attempt: 'a.provider',
    correction: 'c.provider',
  },
  key: { request: HOME_KEY, attempt: "a.provider || '/' || a.key", correction: "c.provider || '/' || c.key" },
  tier: ofRequest('r.tier'),
  task: ofRequest('r.task'),
  client: ofRequest('r.client'),
  tenant: { ...ofRequest('r.tenant'), correction: 'c.tenant' },
  team: ofRequest('r.team'),
  user: ofRequest('r.user_name'),
  rule: ofRequest('r.rule'),
  hour: { ...ofRequest(hourOf('r.started_at_ms')), correction: hourOf('c.at_ms') },
  day: { ...ofRequest(dayOf('r.started_at_ms')), correction: dayOf('c.at_ms') },
};

/** Attempts belong to the group of their request. */
function ofRequest(key: string): GroupKeys {
  return { request: key, attempt: key, correction: 'NULL' };
}

function dayOf(column: string): string {
  return `date(${column} / 1000, 'unixepoch')`;
}

function hourOf(column: string): string {
  return `strftime('%Y-%m-%dT%H:00Z', ${column} / 1000, 'unixepoch')`;
}
