import type { RequestDraft } from '../openai/shared/request-draft.ts';
import type { NamespacedName } from './namespaced-name.ts';

/** A request of the Responses API while its fields are read one by one. */
export type ResponsesDraft = RequestDraft & {
  instructions?: string;
  /** Of the tools, those that are called by their namespace and name. */
  namespaced?: ReadonlyMap<string, NamespacedName>;
  /** May readable reasoning stand in the answer? */
  showsSummary?: true;
  /** Did the client ask for all that a vendor wants back, or say that it keeps the conversation? */
  carriesState?: true;
};
