import { isJsonObject, type JsonValue } from '../../core/json/json.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import { INVALID_PARAMS } from './check-envelope.ts';

type ProtocolFailure = { readonly code: number; readonly message: string; readonly data?: unknown };

const MESSAGE_CHARACTERS_MAX = 500;
const ISSUES_SHOWN_MAX = 3;
/** A person was away for long, or the process that asked is gone. */
const STALE_STATE =
  '"requestState" is too old, or none that this process gave out; call again without it, and the question comes anew.';

/**
 * A protocol error in one line. The SDK answers what its validator refuses with a dump of the
 * validator's report, as a defect of ours; and it repeats names of any length, whatever they hold.
 */
export function plainError(error: ProtocolFailure): ProtocolFailure {
  const issues = dumpedIssues(error.message);
  const said = isStale(error) ? STALE_STATE : error.message;
  const message = issues === undefined ? said : `Invalid parameters: ${issues}.`;
  const line = message.replace(/\p{Cc}+/gu, ' ');
  return {
    ...error,
    code: issues === undefined ? error.code : INVALID_PARAMS,
    message: shorten(line, MESSAGE_CHARACTERS_MAX),
  };
}

/** By the reason that the SDK gives along. */
function isStale({ data }: ProtocolFailure): boolean {
  return (data as { readonly reason?: unknown } | undefined)?.reason === 'invalid_request_state';
}

function dumpedIssues(message: string): string | undefined {
  const start = message.search(/\[\s*\{/);
  if (start < 0) return undefined;
  try {
    const issues: JsonValue = JSON.parse(message.slice(start));
    return Array.isArray(issues) ? issues.slice(0, ISSUES_SHOWN_MAX).map(sentenceOf).join('; ') : undefined;
  } catch {
    return undefined;
  }
}

function sentenceOf(issue: JsonValue): string {
  if (!isJsonObject(issue)) return String(issue);
  const path = Array.isArray(issue.path) ? issue.path.join('.') : '';
  const what = String(issue.message).replace(/^Invalid input: /, '');
  return path === '' ? what : `"${path}": ${what}`;
}
