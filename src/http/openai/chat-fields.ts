import type { JsonValue } from '../../core/json/json.ts';
import { REASONING_EFFORTS, VERBOSITIES } from '../../core/parameters.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readFilledText,
  readInteger,
  readItems,
  readNumber,
  readObject,
  refuseUnknown,
} from '../request/read-value.ts';
import type { ChatDraft } from './chat-draft.ts';
import { readMessages } from './read-messages.ts';
import { readResponseFormat } from './read-response-format.ts';
import { readToolChoice, readTools } from './read-tools.ts';
import {
  accepted,
  acceptedHint,
  byPolicy,
  type FieldRule,
  MODEL,
  only,
  PARALLEL_TOOL_CALLS,
  PROMPT_CACHE_OPTIONS,
  readStream,
  refused,
  refuseObfuscation,
  SERVICE_TIER,
  TEMPERATURE,
  TOP_P,
  used,
} from './shared/field-rules.ts';
import { readMetadata } from './shared/read-metadata.ts';

const OUTPUT_TOKENS = { min: 1, max: 1_000_000 };
const CHOICES = { min: 1, max: 128 };
const PENALTY = { min: -2, max: 2 };
const SAFE_INTEGER = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
const STOPS_MAX = 4;
const BIASES_MAX = 300;

/**
 * Every field of OpenAI's chat completions and what becomes of it. A field that is not here is refused
 * as unknown; `null` counts as absent. Source: developers.openai.com/api/reference, chat/create.
 */
export const CHAT_FIELDS: ReadonlyMap<string, FieldRule<ChatDraft>> = new Map<string, FieldRule<ChatDraft>>([
  ['model', MODEL],
  [
    'messages',
    used(
      "Roles system, developer (as system), user, assistant, tool; text, images, whose `detail` is passed on where the vendor has it, and files: a PDF goes to models that read PDFs, a text (`text/…`, JSON, XML, YAML) is said as one. Results of tools may show images and files too. A `name` is not passed on. Where the system alone speaks, Anthropic and Gemini hear the last of it as the user's. `cache_control` on a message or part marks the end of the prompt for the cache of Claude models.",
      (value, field, draft) => {
        draft.messages = readMessages(value, field);
      },
    ),
  ],
  ['stream', used('Server-sent events; `[DONE]` follows only a complete answer.', readStream)],
  [
    'stream_options',
    used('With `stream` only. `include_usage`; `include_obfuscation` may be false.', readStreamOptions),
  ],
  ['max_completion_tokens', used('1 to 1,000,000; or `max_tokens`, not both.', readOutputLimit)],
  ['max_tokens', used('The older name of `max_completion_tokens`.', readOutputLimit)],
  ['temperature', TEMPERATURE],
  ['top_p', TOP_P],
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
      'Up to 128 functions and custom tools. A custom tool is to the model a function with one text; its grammar is said in words, and nothing holds the model to it. `strict` holds models with structured output to a schema that they take as strict.',
      (value, field, draft) => {
        const { tools, customTools } = readTools(value, field);
        draft.tools = tools;
        draft.customTools = customTools;
      },
    ),
  ],
  [
    'tool_choice',
    used(
      '`none`, `auto`, `required`, a named function or custom tool, or `allowed_tools`; with `tools` only.',
      readToolChoice,
    ),
  ],
  ['parallel_tool_calls', PARALLEL_TOOL_CALLS],
  [
    'response_format',
    used(
      '`text`, `json_object`, `json_schema`; a whole answer is checked against the schema.',
      (value, field, draft) => {
        const format = readResponseFormat(value, field);
        if (format) draft.responseFormat = format;
      },
    ),
  ],
  [
    'metadata',
    used('Up to 16 texts, 16 KB together; for the books.', (value, field, draft) => {
      draft.metadata = readMetadata(value, field);
    }),
  ],
  ['user', acceptedHint('Not passed on.')],
  ['safety_identifier', acceptedHint('Not passed on.')],
  ['prompt_cache_key', acceptedHint('Not passed on; it changes no answer.')],
  ['prompt_cache_retention', acceptedHint('Not passed on; it changes no answer.')],
  ['prompt_cache_options', PROMPT_CACHE_OPTIONS],
  ['store', only(false, 'Signalbox stores no conversations.')],
  ['logprobs', only(false, 'Answers carry no log probabilities.')],
  ['top_logprobs', only(0, 'Answers carry no log probabilities.')],
  ['modalities', accepted('`["text"]` only.', readModalities)],
  ['service_tier', SERVICE_TIER],
  [
    'verbosity',
    used(`${VERBOSITIES.join(', ')}; where the model has it.`, (value, field, draft) => {
      draft.verbosity = readChoice(value, field, VERBOSITIES);
    }),
  ],
  ['prediction', byPolicy('It would change the speed of an answer only.', () => true)],
  ['audio', refused('Leave it out: answers are text.')],
  ['moderation', refused('Leave it out: call a moderation endpoint yourself.')],
  ['web_search_options', refused('Leave it out: offer a search tool in `tools` instead.')],
  ['functions', refused('Use `tools`, which replaced it.')],
  ['function_call', refused('Use `tool_choice`, which replaced it.')],
]);

function readModalities(value: JsonValue, field: string): void {
  readItems(value, field, { max: 2 }, (modality, place) => readChoice(modality, place, ['text']));
}

const STREAM_OPTIONS = new Set(['include_usage', 'include_obfuscation']);

function readStreamOptions(value: JsonValue, field: string, draft: ChatDraft): void {
  const options = readObject(value, field);
  refuseUnknown(options, STREAM_OPTIONS, field);
  draft.hasStreamOptions = true;
  const { include_usage } = options;
  if (include_usage != null) draft.includeUsage = readBoolean(include_usage, `${field}.include_usage`);
  refuseObfuscation(options, field);
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
  const stop =
    typeof value === 'string'
      ? [readFilledText(value, field)]
      : readItems(value, field, { max: STOPS_MAX }, readFilledText);
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
