import type * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json/json.ts';
import { explainIssue } from './explain-issue.ts';
import { refuseBrokenText } from './text-checks.ts';

/** A reader fixes a few faults at a time; the rest shows on the next call. */
const SENTENCES_MAX = 3;
/**
 * What clients add to the arguments of every tool, and pass on with them: Gemini CLI tells its model of a
 * `wait_for_previous`, by which it puts calls in order (`google-gemini/gemini-cli`, `packages/core/src/tools/tools.ts`).
 */
const ADDED_BY_CLIENTS: readonly string[] = ['wait_for_previous'];

/**
 * The validated arguments, or a thrown `invalid_request` with one sentence for each fault: the
 * field, what is wrong, what is valid.
 */
export function parseArguments<Schema extends z.ZodObject>(schema: Schema, raw: unknown): z.output<Schema> {
  const known = Object.keys(schema.shape);
  const parsed = schema.safeParse(withoutAdded(raw, known), { reportInput: true });
  if (!parsed.success) {
    // Of several faults of one field the last is the narrowest.
    const byField = new Map(parsed.error.issues.map((issue) => [issue.path.join('.'), issue]));
    const sentences = [...byField.values()].slice(0, SENTENCES_MAX).map((issue) => explainIssue(issue, known));
    throw new GatewayError('invalid_request', sentences.join(' '));
  }
  refuseBrokenText(parsed.data);
  return parsed.data;
}

/**
 * Nor do many leave out what is not given: frameworks that keep arguments in typed objects, and models that were told
 * of strict functions, send null for each of the rest. No argument takes one.
 */
function withoutAdded(raw: unknown, known: readonly string[]): unknown {
  if (!isJsonObject(raw)) return raw;
  const given = Object.entries(raw).filter(
    ([name, value]) => !ADDED_BY_CLIENTS.includes(name) && (value !== null || !known.includes(name)),
  );
  return Object.fromEntries(given);
}
