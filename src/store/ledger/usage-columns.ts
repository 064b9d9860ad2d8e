import { type ServiceMode, USAGE_PART_NAMES, type Usage } from '../../core/usage.ts';

/** Counts that every attempt has, by field; those of what few vendors bill apart are NULL for none. */
const COUNT_COLUMNS = {
  inputTokens: 'input_tokens',
  cachedInputTokens: 'cached_input_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  outputTokens: 'output_tokens',
  reasoningTokens: 'reasoning_tokens',
} as const;
type CountName = keyof typeof COUNT_COLUMNS;
type PartName = keyof typeof USAGE_PART_NAMES;
const PART_NAMES = Object.keys(USAGE_PART_NAMES) as PartName[];
const COLUMNS = [...Object.entries(COUNT_COLUMNS), ...Object.entries(USAGE_PART_NAMES)];

/** What selects a `UsageRow`. */
export const USAGE_COLUMNS = [
  'usage_source AS source',
  ...COLUMNS.map(([field, column]) => `${column} AS ${field}`),
  'service_modes AS modes',
].join(', ');

/** Take `commonUsageValues` and `rareUsageValues`, in their order. */
export const COMMON_USAGE_COLUMNS = ['usage_source', ...Object.values(COUNT_COLUMNS)];
export const RARE_USAGE_COLUMNS = [...Object.values(USAGE_PART_NAMES), 'service_modes'];

export type UsageRow = { readonly [Name in CountName]: number } & { readonly [Name in PartName]: number | null } & {
  readonly source: Usage['source'] | null;
  readonly modes: string | null;
};

export function commonUsageValues(usage: Usage): readonly (string | number)[] {
  const { source, inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usage;
  return [source, inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens];
}

/** NULL for none. */
export function rareUsageValues(usage: Usage): readonly (string | number | null)[] {
  return [...PART_NAMES.map((name) => usage[name] ?? null), usage.modes?.join(' ') ?? null];
}

/** Undefined as long as the attempt has not ended. */
export function toUsage(row: UsageRow): Usage | undefined {
  const { source, inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, modes } = row;
  if (source === null) return undefined;
  const parts: { [Name in PartName]?: number } = {};
  for (const name of PART_NAMES) {
    const count = row[name];
    if (count !== null) parts[name] = count;
  }
  return {
    ...{ inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, source },
    ...parts,
    ...(modes !== null && { modes: modes.split(' ') as ServiceMode[] }),
  };
}

/** The rest of a row that `USAGE_COLUMNS` is a part of. */
export function withoutUsage<Row extends UsageRow>(row: Row): Omit<Row, keyof UsageRow> {
  const rest: Partial<Row> = { ...row };
  for (const name of ['source', 'modes', ...COLUMNS.map(([field]) => field)] as (keyof UsageRow)[]) delete rest[name];
  return rest as Omit<Row, keyof UsageRow>;
}
