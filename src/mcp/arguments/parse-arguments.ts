import type * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { explainIssue } from './explain-issue.ts';
import { refuseBrokenText } from './text-checks.ts';

/** A reader fixes a few faults at a time; the rest shows on the next call. */
const SENTENCES_MAX = 3;

/**
 * The validated arguments, or a thrown `invalid_request` with one sentence for each fault: the
 * field, what is wrong, what is valid.
 */
export function parseArguments<Schema extends z.ZodObject>(schema: Schema, raw: unknown): z.output<Schema> {
  const parsed = schema.safeParse(raw, { reportInput: true });
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
