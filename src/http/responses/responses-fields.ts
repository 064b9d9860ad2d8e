import type { JsonValue } from '../../core/json.ts';
import { readMetadata } from '../openai/read-metadata.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readInteger,
  readList,
  readNumber,
  readObject,
  readText,
} from '../request/read-value.ts';
import { readInput } from './read-input.ts';
import { readReasoning, readStreamOptions, readTextSettings } from './read-settings.ts';
import { readFunctionTools, readToolChoice } from './read-tools.ts';
import type { ResponsesRule } from './responses-draft.ts';

const OUTPUT_TOKENS = { min: 1, max: 1_000_000 };
const HINT_CHARACTERS_MAX = 1_024;
const STATELESS = 'Nothing is stored here: send the whole conversation in "input".';

/**
 * Every field of OpenAI's Responses API and what becomes of it. A field that is not here is refused as
 * unknown; `null` counts as absent. Source: developers.openai.com/api/reference, responses/create.
 */
export const RESPONSES_FIELDS: ReadonlyMap<string, ResponsesRule> = new Map<string, ResponsesRule>([
  [
    'model',
    used('`auto`, `auto:<strategy>`, `tier:<tier>`, `provider/model` or a bare known id.', (value, field, draft) => {
      draft.modelName = readText(value, field);
    }),
  ],
  [
    'input',
    used(
      'A text, or messages, function calls, their outputs and reasoning; text and images, no files.',
      (value, field, draft) => {
        draft.messages = readInput(value, field);
      },
    ),
  ],
  [
    'instructions',
    used('The first system message.', (value, field, draft) => {
      draft.instructions = readText(value, field);
    }),
  ],
  [
    'stream',
    used('Server-sent events; `response.completed` follows only a complete answer.', (value, field, draft) => {
      draft.stream = readBoolean(value, field);
    }),
  ],
  ['stream_options', used('With `stream` only. `include_obfuscation` may be false.', readStreamOptions)],
  [
    'max_output_tokens',
    used('1 to 1,000,000, reasoning included.', (value, field, draft) => {
      draft.maxOutputTokens = readInteger(value, field, OUTPUT_TOKENS);
    }),
  ],
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
    'tools',
    used(
      'Up to 128 functions; no built-in tools. `strict` is accepted; how closely arguments fit is up to the model.',
      (value, field, draft) => {
        draft.tools = readFunctionTools(value, field);
      },
    ),
  ],
  [
    'tool_choice',
    used('`none`, `auto`, `required`, a function, or `allowed_tools`; with `tools` only.', readToolChoice),
  ],
  [
    'parallel_tool_calls',
    used('false: at most one call an answer.', (value, field, draft) => {
      if (!readBoolean(value, field)) draft.parallelToolCalls = false;
    }),
  ],
  [
    'max_tool_calls',
    accepted(
      'It limits built-in tools, of which there are none.',
      (value, field) => void readInteger(value, field, OUTPUT_TOKENS),
    ),
  ],
  [
    'reasoning',
    used('`effort`. With `summary`, reasoning that a provider shows stands in the answer as it came.', readReasoning),
  ],
  [
    'text',
    used(
      '`format`: `text`, `json_object`, `json_schema`; the answer is checked against the schema. `verbosity`: `medium`, others by policy.',
      readTextSettings,
    ),
  ],
  [
    'metadata',
    used('Up to 16 texts, 16 KB together; for the books, and given back.', (value, field, draft) => {
      draft.metadata = readMetadata(value, field);
    }),
  ],
  ['include', used('`reasoning.encrypted_content` only: what a provider wants back in the next turn.', readInclude)],
  [
    'store',
    only(false, 'Nothing is stored here, also when it is left out.', (draft) => {
      draft.carriesState = true;
    }),
  ],
  ['background', only(false, 'Answers are given at once or as a stream.')],
  ['top_logprobs', only(0, 'Answers carry no log probabilities.')],
  [
    'truncation',
    accepted('`disabled` only: a prompt that does not fit is refused, not shortened.', (value, field) => {
      if (readChoice(value, field, ['disabled', 'auto']) === 'auto') {
        throw invalidField(
          field,
          'must be "disabled" or left out',
          'A prompt that does not fit is refused, not shortened.',
        );
      }
    }),
  ],
  [
    'service_tier',
    {
      treatment: 'by policy',
      note: '`auto` and `default` are accepted.',
      read: (value, field, draft) => {
        const tier = readChoice(value, field, ['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast']);
        if (tier !== 'auto' && tier !== 'default') draft.unsupported = [...(draft.unsupported ?? []), field];
      },
    },
  ],
  ['user', accepted('Given back, not passed on.', readHint)],
  ['safety_identifier', accepted('Given back, not passed on.', readHint)],
  ['prompt_cache_key', accepted('Given back, not passed on; it changes no answer.', readHint)],
  ['prompt_cache_retention', accepted('Not passed on; it changes no answer.', readHint)],
  [
    'prompt_cache_options',
    accepted('Not passed on; it changes no answer.', (value, field) => void readObject(value, field)),
  ],
  ['previous_response_id', refused(STATELESS)],
  ['conversation', refused(STATELESS)],
  ['prompt', refused('Templates live with OpenAI: send "instructions" and "input".')],
  ['context_management', refused('Conversations are not compacted here: shorten "input" yourself.')],
  ['moderation', refused('Leave it out: call a moderation endpoint yourself.')],
  ['image', refused('Leave it out: images are passed on as they are.')],
  ['access_programs', refused('Leave it out: it concerns an account with OpenAI.')],
]);

function used(note: string, read: ResponsesRule['read']): ResponsesRule {
  return { treatment: 'used', note, read };
}

function accepted(note: string, read: ResponsesRule['read']): ResponsesRule {
  return { treatment: 'accepted', note, read };
}

function refused(note: string): ResponsesRule {
  return {
    treatment: 'refused',
    note,
    read: (_value, field) => {
      throw invalidField(field, 'is not supported', note);
    },
  };
}

/** A field of which only the value that changes nothing is taken. */
function only(
  harmless: false | 0,
  why: string,
  onTaken?: (draft: Parameters<ResponsesRule['read']>[2]) => void,
): ResponsesRule {
  return {
    treatment: 'refused',
    note: `Only \`${harmless}\`. ${why}`,
    read: (value, field, draft) => {
      if (value !== harmless) throw invalidField(field, `must be ${harmless} or left out`, why);
      onTaken?.(draft);
    },
  };
}

function readHint(value: JsonValue, field: string): void {
  if (readText(value, field).length > HINT_CHARACTERS_MAX) {
    throw invalidField(field, `must have at most ${HINT_CHARACTERS_MAX} characters`);
  }
}

const INCLUDED = 'reasoning.encrypted_content';
const INCLUDES_MAX = 20;

function readInclude(value: JsonValue, field: string, draft: Parameters<ResponsesRule['read']>[2]): void {
  for (const [index, entry] of readList(value, field, { max: INCLUDES_MAX }).entries()) {
    const place = `${field}[${index}]`;
    if (readText(entry, place) !== INCLUDED) {
      throw invalidField(place, `must be "${INCLUDED}", the one thing there is to include`, 'Leave the others out.');
    }
    draft.carriesState = true;
  }
}
