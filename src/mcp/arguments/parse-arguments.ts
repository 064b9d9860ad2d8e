import type * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json.ts';
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
  const parsed = schema.safeParse(withoutAdded(raw), { reportInput: true });
  if (!parsed.success) {
    const known = Object.keys(schema.shape);
    // Of several faults of one field the last is the narrowest.
    const byField = new Map(parsed.error.issues.map((issue) => [issue.path.join('.'), issue]));
    const sentences = [...byField.values()].slice(0, SENTENCES_MAX).map((issue) => explainIssue(issue, known));
    throw new GatewayError('invalid_request', sentences.join(' '));
  }
  refuseBrokenText(parsed.data);
  return parsed.data;
}

function withoutAdded(raw: unknown): unknown {
  if (!isJsonObject(raw)) return raw;
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !ADDED_BY_CLIENTS.includes(name)));
}
