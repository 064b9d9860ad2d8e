import { type OutputUnit, type ValidationResult, validate } from '@cfworker/json-schema';
import { type Completion, completionText } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json/json.ts';
import type { ResponseFormat } from '../core/message.ts';
import { shorten } from '../core/wording/describe-value.ts';
import { jsonIn } from './bare-json.ts';
import { type CheckableSchema, checkableSchema, SchemaFault } from './checkable-schema.ts';
import { repeatsItems } from './repeats-items.ts';
import { faultOfChecks } from './schema-references.ts';
import { TookTooLong, withinTime } from './within-time.ts';

type Checked = { readonly data: JsonValue } | { readonly problem: string };

/** What the caller wants answers to be, ready to check them. */
export interface AnswerSchema {
  /** In words, for the model and for errors: `the JSON schema`. */
  readonly wanted: string;
  /**
   * The parsed answer, or what is wrong with it, in words for the model. Throws `invalid_request`
   * when the schema takes too long to check.
   */
  check(text: string): Checked;
}

/** What is wrong with an answer, and what it should have been. */
export type Unfit = { readonly problem: string; readonly wanted: string };

/** How an answer fits what the caller wants it to be: its parsed JSON, or why not. Empty when it is no whole one. */
export type Fit = { readonly unfit?: Unfit; readonly data?: JsonValue };

/**
 * Only a complete answer is held to the schema: a cut or refused one is a valid end of its own. Throws `invalid_request`
 * when that takes too long.
 */
export function fitOf(completion: Completion, schema: AnswerSchema): Fit {
  if (completion.finishReason.unified !== 'stop') return {};
  const checked = schema.check(completionText(completion));
  return 'problem' in checked ? { unfit: { ...checked, wanted: schema.wanted } } : checked;
}

/** As errors call it. */
const SCHEMA_WORD = 'json_schema';
const SCHEMA_CHARACTERS_MAX = 256_000;
const PROBLEM_CHARACTERS_MAX = 1_000;
/** Deeper answers exhaust the stack of whoever writes them out again. */
const ANSWER_DEPTH_MAX = 500;
/** The event loop stands still for as long, for a few times that where the machine is overloaded. */
const WORK_MS_MAX = 150;
/** Long answers have longer: a hundred thousand characters take 12 ms, at first 30. */
const CHARACTERS_PER_MS = 2_000;

/** Throws `invalid_request` when the schema cannot be used, before anything is sent. */
export function parseAnswerSchema(format: ResponseFormat): AnswerSchema {
  return format.type === 'json-object' ? ANY_OBJECT : parseJsonSchema(format.schema);
}

const ANY_OBJECT: AnswerSchema = {
  wanted: 'the JSON object that was asked for',
  check(text) {
    const parsed = parseJson(text);
    if ('problem' in parsed || isJsonObject(parsed.data)) return parsed;
    return { problem: 'JSON, but not an object' };
  },
};

function parseJsonSchema(schema: JsonObject): AnswerSchema {
  const written = timed(() => JSON.stringify(schema));
  if (written.length > SCHEMA_CHARACTERS_MAX) {
    const message = `${SCHEMA_WORD} is larger than ${SCHEMA_CHARACTERS_MAX} characters.`;
    throw new GatewayError('invalid_request', message, { param: SCHEMA_WORD });
  }
  const checkable = timed(() => readSchema(schema));
  // For it the validator compares all items of a list with all others.
  const repeating = written.includes('"uniqueItems"') ? timed(() => readSchema(schema, 'uniqueItems')) : undefined;
  return {
    wanted: SCHEMA_WORD,
    check(text) {
      const parsed = parseJson(text);
      if ('problem' in parsed) return parsed;
      const workMsMax = WORK_MS_MAX + text.length / CHARACTERS_PER_MS;
      const { valid, errors, fitting } = timed(() => {
        const fitting = repeating && !repeatsItems(parsed.data) ? repeating : checkable;
        return { ...validated(parsed.data, fitting), fitting };
      }, workMsMax);
      return valid ? parsed : { problem: describe(allErrors(parsed.data, fitting) ?? errors) };
    },
  };
}

function readSchema(schema: JsonObject, without?: 'uniqueItems'): CheckableSchema {
  const { root, byReference } = checkableSchema(schema, without);
  const fault = faultOfChecks(root);
  if (fault !== undefined) throw new SchemaFault(fault);
  // An answer is an object; what refers to "#" may be anything that the schema itself takes.
  return { root: { type: 'object', ...root }, byReference };
}

/** Stops at the first error. */
function validated(data: JsonValue, { root, byReference }: CheckableSchema): ValidationResult {
  try {
    return validate(data, root, '2020-12', byReference, true);
  } catch (cause) {
    if (cause instanceof URIError) return { valid: false, errors: [BROKEN_NAME] };
    throw cause;
  }
}

/** Undefined when they are too many: a hundred thousand exhaust the stack, on which they are handed on, or the time. */
function allErrors(data: JsonValue, { root, byReference }: CheckableSchema): readonly OutputUnit[] | undefined {
  try {
    return withinTime(() => validate(data, root, '2020-12', byReference, false).errors, WORK_MS_MAX);
  } catch {
    return undefined;
  }
}

/** Half a character of two: the validator cannot write down where it is. */
const BROKEN_NAME: OutputUnit = {
  instanceLocation: '#',
  keyword: 'propertyNames',
  keywordLocation: '#',
  error: 'A name is no valid Unicode text.',
};

/** They say of a part that something in it does not fit, which is said of that as well. */
const OUTER_KEYWORDS: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', 'items', 'prefixItems', '$ref', 'allOf', 'dependentSchemas'],
]);

function describe(errors: readonly OutputUnit[]): string {
  const problems = errors
    .filter(({ keyword }) => !OUTER_KEYWORDS.has(keyword))
    .map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
  return shorten(problems.join('\n'), PROBLEM_CHARACTERS_MAX);
}

/** A caller's `pattern` may backtrack for years. */
function timed<Result>(work: () => Result, workMsMax = WORK_MS_MAX): Result {
  try {
    return withinTime(work, Math.ceil(workMsMax));
  } catch (cause) {
    if (cause instanceof SchemaFault) throw unusable(cause.message, cause);
    if (cause instanceof RangeError) throw unusable('it is nested too deep', cause);
    if (!(cause instanceof TookTooLong)) throw unusable('no answer can be checked with it', cause);
    throw unusable(
      `checking takes longer than ${Math.ceil(workMsMax)} ms; simplify each "pattern", anyOf and oneOf`,
      cause,
    );
  }
}

function unusable(why: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', `${SCHEMA_WORD} cannot be used: ${why}.`, {
    hint: 'Give a self-contained JSON Schema (draft 2020-12) rooted in an object.',
    param: SCHEMA_WORD,
    cause,
  });
}

/** Reads the answer as JSON; a Markdown fence around it and thoughts before it are forgiven. */
function parseJson(text: string): Checked {
  let data: JsonValue;
  try {
    data = JSON.parse(jsonIn(text).json);
  } catch (error) {
    return { problem: `not JSON: ${(error as SyntaxError).message}` };
  }
  return isDeeperThan(data, ANSWER_DEPTH_MAX) ? { problem: 'nested too deep' } : { data };
}

/** Level by level and without recursion, since the depth is the answer's. */
function isDeeperThan(value: JsonValue, depthMax: number): boolean {
  let level: readonly JsonValue[] = [value];
  for (let depth = 0; depth <= depthMax; depth += 1) {
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
    if (level.length === 0) return false;
  }
  return true;
}
