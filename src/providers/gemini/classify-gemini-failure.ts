import { isJsonObject, type JsonObject } from '../../core/json/json.ts';
import { goDurationMs } from '../shared/failures/retry-after.ts';
import { saysContextTooLong, type VendorFailure, type Verdict } from '../shared/failures/vendor-failure.ts';
import { msUntilPacificMidnight } from './pacific-midnight.ts';

/** Google's errors are `google.rpc.Status`: a status word, a message and typed details. */
export function classifyGeminiFailure(failure: VendorFailure): Verdict | undefined {
  const details = detailsOf(failure);
  switch (failure.type) {
    case 'INVALID_ARGUMENT':
      return fromInvalidArgument(failure.message, details);
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return { code: 'provider_auth' };
    // The country is not served, or billing is not set up: the whole account, whatever the model.
    case 'FAILED_PRECONDITION':
      return { code: 'provider_auth', remedy: "check the account's billing and whether its region is served" };
    case 'NOT_FOUND':
      return { code: 'unknown_model' };
    case 'RESOURCE_EXHAUSTED':
      return fromExhausted(failure.message, details);
    // Failed tries count against the quota as well, so one more is the most.
    case 'UNAVAILABLE':
      return { code: 'provider_overloaded', retrySame: 'once', ...retryDelayOf(details) };
    case 'DEADLINE_EXCEEDED':
      return { code: 'provider_timeout', retrySame: 'once' };
    case 'INTERNAL':
    case 'UNKNOWN':
    case 'ABORTED':
    case 'CANCELLED':
      return { code: 'provider_error', retrySame: 'once' };
    default:
      return undefined;
  }
}

function detailsOf({ details }: VendorFailure): readonly JsonObject[] {
  return Array.isArray(details?.details) ? details.details.filter(isJsonObject) : [];
}

/** A wrong key is a 400 with this vendor. */
function fromInvalidArgument(message: string, details: readonly JsonObject[]): Verdict {
  const isKeyTrouble = details.some((detail) => detail.reason === 'API_KEY_INVALID');
  if (isKeyTrouble || /API key (not valid|expired)/i.test(message)) return { code: 'provider_auth' };
  if (/token count .*exceeds/i.test(message) || saysContextTooLong(message)) return { code: 'context_too_long' };
  if (/(does not|doesn't) support|is not (supported|enabled) for/i.test(message)) return { code: 'capability_missing' };
  return { code: 'invalid_request' };
}

const HOUR_MS = 3_600_000;
/** Rests this model alone: the account's quotas of its other models are their own. */
const OF_MODEL = { code: 'rate_limited', retrySame: 'no' } as const;

/**
 * A quota per minute passes; one per day lasts until midnight in California, and a quota of 0 until the
 * plan changes. The delay in `RetryInfo` is that of the minute, so it does not count for the others.
 */
function fromExhausted(message: string, details: readonly JsonObject[]): Verdict {
  const violations = details
    .flatMap((detail) => (Array.isArray(detail.violations) ? detail.violations : []))
    .filter(isJsonObject);
  const isPerDay = violations.some((violation) => /PerDay/i.test(String(violation.quotaId ?? '')));
  if (isPerDay || /per day/i.test(message)) {
    const isOfModel = violations.some(
      ({ quotaId }) => /PerDay/i.test(String(quotaId)) && /PerModel/i.test(String(quotaId)),
    );
    const remedy = `its quota per day${isOfModel ? ' for this model' : ''} is used up until midnight in California`;
    const retryAfterMs = msUntilPacificMidnight(Date.now());
    return { ...(isOfModel ? OF_MODEL : { code: 'quota_exhausted' }), retryAfterMs, remedy };
  }
  if (violations.some((violation) => violation.quotaValue === '0') || /limit: 0\b/.test(message)) {
    return { ...OF_MODEL, retryAfterMs: HOUR_MS, remedy: "the account's plan does not include this model" };
  }
  return { code: 'rate_limited', ...retryDelayOf(details, message) };
}

function retryDelayOf(details: readonly JsonObject[], message = ''): Pick<Verdict, 'retryAfterMs'> {
  const info = details.find((detail) => String(detail['@type'] ?? '').endsWith('google.rpc.RetryInfo'));
  const text =
    typeof info?.retryDelay === 'string' ? info.retryDelay : /retry in ((?:[\d.]+(?:h|ms|m|s))+)/i.exec(message)?.[1];
  const retryAfterMs = text === undefined ? undefined : goDurationMs(text);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
