/** What stands for every value beyond the known ones. */
export const OTHER = 'other';

/** More distinct values than this in one label make a time-series database suffer. */
const DISTINCT_MAX = 500;

export type LabelValues = {
  /** The value when it may be a label, `other` when not. */
  of(value: string): string;
};

/**
 * Bounds the values of one label: only those `isKnown` accepts, and not more than 500 over the life of
 * the process, since a configuration that is edited again and again brings new names.
 */
export function createLabelValues(isKnown: (value: string) => boolean, distinctMax = DISTINCT_MAX): LabelValues {
  const seen = new Set<string>();
  return {
    of(value) {
      if (seen.has(value)) return value;
      if (seen.size >= distinctMax || !isKnown(value)) return OTHER;
      seen.add(value);
      return value;
    },
  };
}
