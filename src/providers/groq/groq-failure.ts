import type { VendorFailure, Verdict } from '../shared/failures/vendor-failure.ts';

/** Groq's own statuses and codes. Source: console.groq.com/docs/errors. */
export function classifyGroqFailure({ status, code }: VendorFailure): Verdict | undefined {
  // The model wrote a call that is none; asked again it mostly does better.
  if (code === 'tool_use_failed' || code === 'json_validate_failed') {
    return { code: 'provider_error', retrySame: 'once', remedy: 'the model wrote an invalid tool call or JSON' };
  }
  // Retired, or closed to this account; the key is good for others.
  if (/^model_(decommissioned|terms_required|permission_blocked)/.test(code ?? '')) return { code: 'unknown_model' };
  if (code === 'organization_restricted') return { code: 'provider_auth' };
  switch (status) {
    case 498:
      return { code: 'provider_overloaded', remedy: 'its flex capacity is used up' };
    case 422:
      return { code: 'provider_error', retrySame: 'once' };
    case 424:
      return { code: 'invalid_request' };
    default:
      return undefined;
  }
}
