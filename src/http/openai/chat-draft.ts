import type { JsonValue } from '../../core/json.ts';
import type { Message, ResponseFormat, ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ChatParameters } from '../../core/parameters.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A chat completions request while its fields are read one by one. */
export type ChatDraft = Mutable<ChatParameters> & {
  modelName?: string;
  messages?: readonly Message[];
  maxOutputTokens?: number;
  /** The name under which the limit came, since it may come only once. */
  maxOutputTokensField?: string;
  tools?: readonly ToolDefinition[];
  toolChoice?: ToolChoice;
  responseFormat?: ResponseFormat;
  metadata?: Readonly<Record<string, string>>;
  stream?: boolean;
  hasStreamOptions?: true;
  includeUsage?: boolean;
  /** Fields that ask for what no model here is told; the policy for unsupported parameters decides. */
  unsupported?: string[];
};

/** What becomes of a field, for the reader of `docs/http-api.md`. */
export type Treatment = 'used' | 'accepted' | 'by policy' | 'refused';

/** One field of a request, as a line of `docs/http-api.md`. */
export type FieldNote = { readonly treatment: Treatment; readonly note: string };

/** What becomes of a field, and how it is read. */
export type FieldRule = FieldNote & {
  /** Checks the value and keeps it in the draft. Throws `invalid_request` naming `field`. */
  readonly read: (value: JsonValue, field: string, draft: ChatDraft) => void;
};
