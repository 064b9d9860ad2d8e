import type { JsonValue } from '../../core/json.ts';
import type { Message, ResponseFormat, ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ChatParameters } from '../../core/parameters.ts';
import type { FieldRule } from '../openai/chat-draft.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A request of the Responses API while its fields are read one by one. */
export type ResponsesDraft = Mutable<ChatParameters> & {
  modelName?: string;
  instructions?: string;
  messages?: readonly Message[];
  maxOutputTokens?: number;
  tools?: readonly ToolDefinition[];
  toolChoice?: ToolChoice;
  /** Of the tools, those that may be called this time. */
  allowedTools?: ReadonlySet<string>;
  responseFormat?: ResponseFormat;
  metadata?: Readonly<Record<string, string>>;
  stream?: boolean;
  hasStreamOptions?: true;
  /** May readable reasoning stand in the answer? */
  showsSummary?: true;
  /** Does the client carry what a vendor wants back to the next turn? */
  carriesState?: true;
  /** Fields that ask for what no model here is told; the policy for unsupported parameters decides. */
  unsupported?: string[];
};

/** One field of a request: what becomes of it, and how it is read. */
export type ResponsesRule = Pick<FieldRule, 'treatment' | 'note'> & {
  /** Checks the value and keeps it in the draft. Throws `invalid_request` naming `field`. */
  readonly read: (value: JsonValue, field: string, draft: ResponsesDraft) => void;
};
