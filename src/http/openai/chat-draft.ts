import type { RequestDraft } from './shared/request-draft.ts';

/** A chat completions request while its fields are read one by one. */
export type ChatDraft = RequestDraft & {
  /** The name under which the limit came, since it may come only once. */
  maxOutputTokensField?: string;
  includeUsage?: boolean;
  /** Names of the tools that take free text. */
  customTools?: ReadonlySet<string>;
};
