import type { JsonValue } from '../../core/json/json.ts';
import {
  accepted,
  acceptedHint,
  byPolicy,
  choiceBeside,
  type FieldRule,
  MODEL,
  only,
  PARALLEL_TOOL_CALLS,
  PROMPT_CACHE_OPTIONS,
  readStream,
  refused,
  SERVICE_TIER,
  TEMPERATURE,
  TOP_P,
  used,
} from '../openai/shared/field-rules.ts';
import { readMetadata } from '../openai/shared/read-metadata.ts';
import { invalidField, readInteger, readItems, readObject, readText } from '../request/read-value.ts';
import { readInput } from './read-input.ts';
import { readReasoning, readStreamOptions, readTextSettings } from './read-settings.ts';
import { readTools } from './read-tools.ts';
import type { ResponsesDraft } from './responses-draft.ts';
import { readToolChoice } from './tool-choice.ts';

const OUTPUT_TOKENS = { min: 1, max: 1_000_000 };
const STATELESS = 'Nothing is stored here: send the whole conversation in "input".';

/**
 * Every field of OpenAI's Responses API and what becomes of it. A field that is not here is refused as
 * unknown; `null` counts as absent. Source: developers.openai.com/api/reference, responses/create.
 */
export const RESPONSES_FIELDS: ReadonlyMap<string, FieldRule<ResponsesDraft>> = new Map<
  string,
  FieldRule<ResponsesDraft>
>([
  ['model', MODEL],
  [
    'input',
    used(
      "A text, or messages, function calls, their outputs and reasoning; text, images and files: a PDF goes to models that read PDFs, a text (`text/…`, JSON, XML, YAML) is said as one; the `detail` of a file has no effect. Where the system alone speaks, Anthropic and Gemini hear the last of it as the user's. What the system says between a call and its output is heard after the outputs, and an output with the `name` of its tool and no `call_id` as the user's. `additional_tools`, and what a `tool_search_output` holds, count like those of `tools`. Calls that OpenAI ran itself (`web_search_call` and the like) are refused, or left out where the policy for unsupported parameters is `drop`. An `item_reference` names an item of a recent answer that was asked for without `store: false`.",
      (value, field, draft) => {
        const { messages, tools } = readInput(value, field);
        draft.messages = messages;
        draft.added = tools;
      },
    ),
  ],
  [
    'instructions',
    used('The first system message.', (value, field, draft) => {
      draft.instructions = readText(value, field);
    }),
  ],
  ['stream', used('Server-sent events; `response.completed` follows only a complete answer.', readStream)],
  ['stream_options', used('With `stream` only. `include_obfuscation` may be false.', readStreamOptions)],
  [
    'max_output_tokens',
    used('1 to 1,000,000, reasoning included.', (value, field, draft) => {
      draft.maxOutputTokens = readInteger(value, field, OUTPUT_TOKENS);
    }),
  ],
  ['temperature', TEMPERATURE],
  ['top_p', TOP_P],
  [
    'tools',
    used(
      "Up to 128 functions and custom tools, also in namespaces, whose names stand before theirs for the model. Built-in tools are refused; searches of the web, code interpreters and image generation beside tools of one's own are left out where the policy for unsupported parameters is `drop`. A custom tool is to the model a function with one text; its grammar is said in words, and nothing holds the model to it. `strict` holds models with structured output to a schema that they take as strict. `output_schema` has no effect. With a `tool_search` that the client runs the model knows a tool with `defer_loading` from where a search found it; with OpenAI's own it knows all from the start.",
      (value, field, draft) => {
        draft.declared = readTools(value, field);
      },
    ),
  ],
  [
    'tool_choice',
    used(
      '`none`, `auto`, `required`, a function or custom tool, or `allowed_tools`; the last three with `tools` only.',
      readToolChoice,
    ),
  ],
  ['parallel_tool_calls', PARALLEL_TOOL_CALLS],
  [
    'max_tool_calls',
    accepted(
      'It limits built-in tools, of which there are none.',
      (value, field) => void readInteger(value, field, OUTPUT_TOKENS),
    ),
  ],
  [
    'reasoning',
    used(
      '`effort`. With `summary`, reasoning that a provider shows stands in the answer as it came; beside an effort it asks Claude models to show theirs.',
      readReasoning,
    ),
  ],
  [
    'text',
    used(
      '`format`: `text`, `json_object`, `json_schema`; a whole answer is checked against the schema. `verbosity`: low, medium, high, where the model has it.',
      readTextSettings,
    ),
  ],
  [
    'metadata',
    used('Up to 16 texts, 16 KB together; for the books, and given back.', (value, field, draft) => {
      draft.metadata = readMetadata(value, field);
    }),
  ],
  [
    'include',
    used(
      '`reasoning.encrypted_content`: what a provider wants back in the next turn. What Claude models want is given without it, as OpenAI does; Gemini models do without theirs. What built-in tools found is accepted: there is none.',
      readInclude,
    ),
  ],
  [
    'store',
    only<ResponsesDraft>(
      false,
      'Nothing is stored here, also when it is left out: the items of recent answers are then remembered in memory, for references.',
      (draft) => {
        draft.carriesState = true;
      },
    ),
  ],
  ['background', only(false, 'Answers are given at once or as a stream.')],
  ['top_logprobs', only(0, 'Answers carry no log probabilities.')],
  [
    'truncation',
    byPolicy(
      '`disabled` is accepted: a prompt that does not fit is refused, not shortened.',
      choiceBeside(['disabled'], ['auto']),
    ),
  ],
  ['service_tier', SERVICE_TIER],
  [
    'client_metadata',
    accepted('Not passed on; Codex says here who asks.', (value, field) => void readObject(value, field)),
  ],
  ['user', acceptedHint('Given back, not passed on.')],
  ['safety_identifier', acceptedHint('Given back, not passed on.')],
  ['prompt_cache_key', acceptedHint('Given back, not passed on; it changes no answer.')],
  ['prompt_cache_retention', acceptedHint('Not passed on; it changes no answer.')],
  ['prompt_cache_options', PROMPT_CACHE_OPTIONS],
  ['previous_response_id', refused(STATELESS)],
  ['conversation', refused(STATELESS)],
  ['prompt', refused('Templates live with OpenAI: send "instructions" and "input".')],
  ['context_management', refused('Conversations are not compacted here: shorten "input" yourself.')],
  ['moderation', refused('Leave it out: call a moderation endpoint yourself.')],
  ['image', refused('Leave it out: images are passed on as they are.')],
  ['access_programs', refused('Leave it out: it concerns an account with OpenAI.')],
]);

const INCLUDED = 'reasoning.encrypted_content';
const INCLUDES_MAX = 20;
/** Clients include what built-in tools find by themselves, and where none has run there is nothing to include. */
const OF_BUILT_IN = /^(?:web_search_call|file_search_call|code_interpreter_call|computer_call_output)\./;
const OTHERS = 'Leave the others out: answers carry no log probabilities, and repeat no input.';

function readInclude(value: JsonValue, field: string, draft: ResponsesDraft): void {
  readItems(value, field, { max: INCLUDES_MAX }, (entry, place) => {
    const wanted = readText(entry, place);
    if (wanted === INCLUDED) draft.carriesState = true;
    else if (!OF_BUILT_IN.test(wanted)) {
      throw invalidField(place, `must be "${INCLUDED}", the one thing there is to include`, OTHERS);
    }
  });
}
