/**
 * A model's version as hundreds and ones: `claude-sonnet-4-5-20250929` is 405, `claude-3-7-sonnet` 307; a name without a
 * version counts as new.
 */
export function versionOf(modelName: string): number {
  const [, major, minor = '0'] = /-(\d{1,2})(?:-(\d{1,2}))?(?:-|@|$)/.exec(modelName) ?? [];
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major) * 100 + Number(minor);
}
