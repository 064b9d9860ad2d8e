import { z } from 'zod';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { ResponseFormat } from '../core/message.ts';

/** A caller's JSON Schema, ready to check answers. */
export interface AnswerSchema {
  /** The parsed answer, or what is wrong with it, in words for the model. */
  check(text: string): { readonly data: JsonValue } | { readonly problem: string };
}

const SCHEMA_CHARACTERS_MAX = 256_000;
const PROBLEM_CHARACTERS_MAX = 1_000;

/** Throws `invalid_request` when the schema cannot be used, before anything is sent. */
export function parseAnswerSchema(format: ResponseFormat): AnswerSchema {
  const { schema } = format;
  if (JSON.stringify(schema).length > SCHEMA_CHARACTERS_MAX) {
    throw new GatewayError('invalid_request', `json_schema is larger than ${SCHEMA_CHARACTERS_MAX} characters.`);
  }
  let checker: z.ZodType;
  try {
    checker = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('invalid_request', `json_schema cannot be used: ${why}`, {
      hint: 'Give a self-contained JSON Schema (draft 2020-12) rooted in an object.',
      cause,
    });
  }
  return {
    check(text) {
      const parsed = parseJson(text);
      if ('problem' in parsed) return parsed;
      const checked = checker.safeParse(parsed.data);
      if (checked.success) return parsed;
      return { problem: z.prettifyError(checked.error).slice(0, PROBLEM_CHARACTERS_MAX) };
    },
  };
}

/** Reads the answer as JSON; a Markdown fence around it is forgiven. */
function parseJson(text: string): { readonly data: JsonValue } | { readonly problem: string } {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text);
  try {
    return { data: JSON.parse(fenced?.[1] ?? text) as JsonValue };
  } catch (error) {
    return { problem: `not JSON: ${(error as SyntaxError).message}` };
  }
}
