import type { JsonValue } from '../../core/json.ts';
import { REASONING_EFFORTS } from '../../core/parameters.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readInteger,
  readList,
  readNumber,
  readObject,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import type { ChatDraft, FieldRule } from './chat-draft.ts';
import { readMessages } from './read-messages.ts';
import { readMetadata } from './read-metadata.ts';
import { readResponseFormat } from './read-response-format.ts';
import { readToolChoice, readTools } from './read-tools.ts';

const OUTPUT_TOKENS = { min: 1, max: 1_000_000 };
const CHOICES = { min: 1, max: 128 };
const PENALTY = { min: -2, max: 2 };
const SAFE_INTEGER = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const STOPS_MAX = 4;
const BIASES_MAX = 300;
const HINT_CHARACTERS_MAX = 1_024;

/**
 * Every field of OpenAI's chat completions and what becomes of it. A field that is not here is refused
 * as unknown; `null` counts as absent. Source: developers.openai.com/api/reference, chat/create.
 */
export const CHAT_FIELDS: ReadonlyMap<string, FieldRule> = new Map<string, FieldRule>([
  [
    'model',
    used('`auto`, `auto:<strategy>`, `tier:<tier>`, `provider/model` or a bare known id.', (value, field, draft) => {
      draft.modelName = readText(value, field);
    }),
  ],
  [
    'messages',
    used('Roles system, developer (as system), user, assistant, tool; text and images.', (value, field, draft) => {
      draft.messages = readMessages(value, field);
    }),
  ],
  [
    'stream',
    used('Server-sent events; `[DONE]` follows only a complete answer.', (value, field, draft) => {
      draft.stream = readBoolean(value, field);
    }),
  ],
  [
    'stream_options',
    used('With `stream` only. `include_usage`; `include_obfuscation` may be false.', readStreamOptions),
  ],
  ['max_completion_tokens', used('1 to 1,000,000; or `max_tokens`, not both.', readOutputLimit)],
  ['max_tokens', used('The older name of `max_completion_tokens`.', readOutputLimit)],
  [
    'temperature',
    used('0 to 2.', (value, field, draft) => {
      draft.temperature = readNumber(value, field, { min: 0, max: 2 });
    }),
  ],
  [
    'top_p',
    used('Above 0, up to 1.', (value, field, draft) => {
      draft.topP = readNumber(value, field, { min: 0, max: 1, above: true });
    }),
  ],
  [
    'presence_penalty',
    used('-2 to 2.', (value, field, draft) => {
      draft.presencePenalty = readNumber(value, field, PENALTY);
    }),
  ],
  [
    'frequency_penalty',
    used('-2 to 2.', (value, field, draft) => {
      draft.frequencyPenalty = readNumber(value, field, PENALTY);
    }),
  ],
  ['logit_bias', used('At most 300 token ids, each -100 to 100.', readLogitBias)],
  [
    'n',
    used('1 to 128, where the model has it. A stream sends the further answers at its end.', (value, field, draft) => {
      const choices = readInteger(value, field, CHOICES);
      if (choices > 1) draft.choices = choices;
    }),
  ],
  [
    'seed',
    used('A whole number.', (value, field, draft) => {
      draft.seed = readInteger(value, field, SAFE_INTEGER);
    }),
  ],
  ['stop', used('A text or up to four, none empty.', readStop)],
  [
    'reasoning_effort',
    used(`One of ${REASONING_EFFORTS.join(', ')}.`, (value, field, draft) => {
      draft.reasoningEffort = readChoice(value, field, REASONING_EFFORTS);
    }),
  ],
  [
    'tools',
    used(
      'Up to 128 functions. `strict` is accepted; how closely arguments fit is up to the model.',
      (value, field, draft) => {
        draft.tools = readTools(value, field);
      },
    ),
  ],
  [
    'tool_choice',
    used('`none`, `auto`, `required` or a named function; with `tools` only.', (value, field, draft) => {
      draft.toolChoice = readToolChoice(value, field);
    }),
  ],
  [
    'parallel_tool_calls',
    used('false: at most one call an answer.', (value, field, draft) => {
      if (!readBoolean(value, field)) draft.parallelToolCalls = false;
    }),
  ],
  [
    'response_format',
    used('`text`, `json_object`, `json_schema`; the answer is checked against the schema.', (value, field, draft) => {
      const format = readResponseFormat(value, field);
      if (format) draft.responseFormat = format;
    }),
  ],
  [
    'metadata',
    used('Up to 16 texts, 16 KB together; for the books.', (value, field, draft) => {
      draft.metadata = readMetadata(value, field);
    }),
  ],
  ['user', accepted('Not passed on.', readHint)],
  ['safety_identifier', accepted('Not passed on.', readHint)],
  ['prompt_cache_key', accepted('Not passed on; it changes no answer.', readHint)],
  ['prompt_cache_retention', accepted('Not passed on; it changes no answer.', readHint)],
  [
    'prompt_cache_options',
    accepted('Not passed on; it changes no answer.', (value, field) => void readObject(value, field)),
  ],
  ['store', only(false, 'Signalbox stores no conversations.')],
  ['logprobs', only(false, 'Answers carry no log probabilities.')],
  ['top_logprobs', only(0, 'Answers carry no log probabilities.')],
  ['modalities', accepted('`["text"]` only.', readModalities)],
  [
    'service_tier',
    byPolicy('`auto` and `default` are accepted.', ['auto', 'default'], ['flex', 'scale', 'priority', 'fast']),
  ],
  ['verbosity', byPolicy('`medium`, what models do by themselves, is accepted.', ['medium'], ['low', 'high'])],
  ['prediction', refused('Leave it out: it would change the speed of an answer only.')],
  ['audio', refused('Leave it out: answers are text.')],
  ['moderation', refused('Leave it out: call a moderation endpoint yourself.')],
  ['web_search_options', refused('Leave it out: offer a search tool in `tools` instead.')],
  ['functions', refused('Use `tools`, which replaced it.')],
  ['function_call', refused('Use `tool_choice`, which replaced it.')],
]);

function used(note: string, read: FieldRule['read']): FieldRule {
  return { treatment: 'used', note, read };
}

function accepted(note: string, read: FieldRule['read']): FieldRule {
  return { treatment: 'accepted', note, read };
}

function refused(note: string): FieldRule {
  return {
    treatment: 'refused',
    note,
    read: (_value, field) => {
      throw invalidField(field, 'is not supported', note.replaceAll('`', '"'));
    },
  };
}

/** A field of which only the value that changes nothing is taken. */
function only(harmless: false | 0, why: string): FieldRule {
  return {
    treatment: 'refused',
    note: `Only \`${harmless}\`. ${why}`,
    read: (value, field) => {
      if (value !== harmless) throw invalidField(field, `must be ${harmless} or left out`, why);
    },
  };
}

/** A wish no model here is told of: refused, or left out and said so, as the policy is. */
function byPolicy(note: string, harmless: readonly string[], wishes: readonly string[]): FieldRule {
  const values = [...harmless, ...wishes];
  return {
    treatment: 'by policy',
    note,
    read: (value, field, draft) => {
      if (harmless.includes(readChoice(value, field, values))) return;
      draft.unsupported = [...(draft.unsupported ?? []), field];
    },
  };
}

function readHint(value: JsonValue, field: string): void {
  if (readText(value, field).length > HINT_CHARACTERS_MAX) {
    throw invalidField(field, `must have at most ${HINT_CHARACTERS_MAX} characters`);
  }
}

function readModalities(value: JsonValue, field: string): void {
  for (const [index, modality] of readList(value, field, { max: 2 }).entries()) {
    readChoice(modality, `${field}[${index}]`, ['text']);
  }
}

const STREAM_OPTIONS = new Set(['include_usage', 'include_obfuscation']);

function readStreamOptions(value: JsonValue, field: string, draft: ChatDraft): void {
  const options = readObject(value, field);
  refuseUnknown(options, STREAM_OPTIONS, field);
  draft.hasStreamOptions = true;
  const { include_usage, include_obfuscation } = options;
  if (include_usage != null) draft.includeUsage = readBoolean(include_usage, `${field}.include_usage`);
  if (include_obfuscation != null && readBoolean(include_obfuscation, `${field}.include_obfuscation`)) {
    throw invalidField(`${field}.include_obfuscation`, 'is not supported', 'Leave it out or set it to false.');
  }
}

function readOutputLimit(value: JsonValue, field: string, draft: ChatDraft): void {
  const other = draft.maxOutputTokensField;
  if (other !== undefined) {
    throw invalidField(field, `cannot stand beside "${other}"`, 'Give "max_completion_tokens" alone.');
  }
  draft.maxOutputTokens = readInteger(value, field, OUTPUT_TOKENS);
  draft.maxOutputTokensField = field;
}

function readStop(value: JsonValue, field: string, draft: ChatDraft): void {
  const isOne = typeof value === 'string';
  const texts = isOne ? [value] : readList(value, field, { max: STOPS_MAX });
  const stop = texts.map((text, index) => {
    const place = isOne ? field : `${field}[${index}]`;
    if (readText(text, place) === '') throw invalidField(place, 'must not be empty');
    return readText(text, place);
  });
  if (stop.length > 0) draft.stop = stop;
}

function readLogitBias(value: JsonValue, field: string, draft: ChatDraft): void {
  const biases = Object.entries(readObject(value, field));
  if (biases.length > BIASES_MAX)
    throw invalidField(field, `must have at most ${BIASES_MAX} entries, not ${biases.length}`);
  const read = biases.map(([token, bias]) => {
    const place = `${field}.${token}`;
    if (!/^\d{1,9}$/.test(token)) throw invalidField(place, 'must be named by a token id, a whole number');
    return [token, readNumber(bias, place, { min: -100, max: 100 })] as const;
  });
  if (read.length > 0) draft.logitBias = Object.fromEntries(read);
}
