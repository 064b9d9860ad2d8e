import type { RequestDraft } from '../openai/shared/request-draft.ts';
import type { CalledTool } from './called-tool.ts';
import type { ToolList } from './read-tools.ts';

/** A request of the Responses API while its fields are read one by one. */
export type ResponsesDraft = RequestDraft & {
  instructions?: string;
  /** The `tools` of the request. */
  declared?: ToolList;
  /** Those that its input adds, in their order. */
  added?: readonly ToolList[];
  /** Of all tools, those that are no plain functions. */
  called?: ReadonlyMap<string, CalledTool>;
  /** May readable reasoning stand in the answer? */
  showsSummary?: true;
  /** Did the client ask for all that a vendor wants back, or say that it keeps the conversation? */
  carriesState?: true;
};
