import type { JsonObject } from '../../core/json/json.ts';
import { invalidField } from '../request/read-value.ts';
import type { ChatDraft } from './chat-draft.ts';
import { CHAT_FIELDS } from './chat-fields.ts';
import { readFields } from './shared/field-rules.ts';
import { type ReadRequest, type RequestOptions, toRequest } from './shared/request-draft.ts';

/** A chat completions request, understood. */
export type ChatCall = ReadRequest & {
  readonly includeUsage: boolean;
  /** Names of the tools that take free text. */
  readonly customTools: ReadonlySet<string>;
};

const NONE: ReadonlySet<string> = new Set();

/** Ours from OpenAI's; throws `invalid_request`, `too_large` naming the field. */
export function toChatRequest(body: JsonObject, options: RequestOptions): ChatCall {
  const draft = readFields<ChatDraft>(body, CHAT_FIELDS, {}, options.unsupportedParameters);
  const { messages } = draft;
  if (messages === undefined) throw invalidField('messages', 'is required and must be a list of messages');
  checkTogether(draft);
  const { tools, allowedTools, customTools = NONE } = draft;
  // Every model keeps to it so: it does not know of the others.
  if (tools && allowedTools) draft.tools = tools.filter(({ name }) => allowedTools.has(name));
  return { ...toRequest(draft, messages, options), includeUsage: draft.includeUsage === true, customTools };
}

/** What no field can say alone. */
function checkTogether({ tools, toolChoice, allowedTools, parallelToolCalls }: ChatDraft): void {
  if (tools === undefined) {
    if (toolChoice !== undefined && toolChoice !== 'none')
      throw invalidField('tool_choice', 'needs "tools" to choose from');
    if (parallelToolCalls !== undefined) throw invalidField('parallel_tool_calls', 'needs "tools" to be called');
    return;
  }
  const wanted = typeof toolChoice === 'object' ? [toolChoice.name] : [...(allowedTools ?? [])];
  const missing = wanted.find((wantedName) => !tools.some(({ name }) => name === wantedName));
  if (missing !== undefined) {
    const names = tools.map(({ name }) => name).join(', ');
    throw invalidField('tool_choice', `names "${missing}", which is not among the tools (${names.slice(0, 200)})`);
  }
}
