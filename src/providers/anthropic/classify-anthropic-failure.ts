import { meaningOf } from '../../core/collections/meaning-of.ts';
import { isJsonObject } from '../../core/json/json.ts';
import {
  saysContextTooLong,
  saysNoCredit,
  saysNoSuchModel,
  type VendorFailure,
  type Verdict,
} from '../shared/failures/vendor-failure.ts';

/** Refusals for want of money, under whatever status they come. Source: the SDK's list of error codes. */
const QUOTA_CODES: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'linked_organization_billing_unavailable',
]);

/** By `error.type`, which is all that an error event inside a 200 stream carries. */
const BY_TYPE: Readonly<Record<string, Verdict>> = {
  billing_error: { code: 'quota_exhausted' },
  authentication_error: { code: 'provider_auth' },
  permission_error: { code: 'provider_auth' },
  not_found_error: { code: 'unknown_model' },
  request_too_large: { code: 'too_large' },
  rate_limit_error: { code: 'rate_limited' },
  overloaded_error: { code: 'provider_overloaded', retrySame: 'once' },
  timeout_error: { code: 'provider_timeout', retrySame: 'once' },
  api_error: { code: 'provider_error', retrySame: 'once' },
  invalid_request_error: { code: 'invalid_request' },
};

/** Undefined leaves it to the status: bodies that are not the API's, such as a proxy's 413. */
export function classifyAnthropicFailure(failure: VendorFailure): Verdict | undefined {
  const details = failure.details?.details;
  const errorCode = isJsonObject(details) && typeof details.error_code === 'string' ? details.error_code : '';
  // Other vendors' servers of this wire say it under types of any kind.
  if (QUOTA_CODES.has(errorCode) || saysNoCredit(failure)) return { code: 'quota_exhausted' };
  if (errorCode === 'organization_on_hold') return { code: 'provider_auth' };
  // Its word for anything inside; a status says more.
  const isVague = failure.type === 'api_error' && failure.status !== undefined && failure.status !== 500;
  const verdict = isVague ? undefined : meaningOf(failure.type ?? '', BY_TYPE);
  if (verdict?.code === 'rate_limited') return { ...verdict, ...resetOf(failure.headers) };
  // Other servers of this wire have types of their own, such as llama.cpp's `exceed_context_size_error`.
  const mayBeBadRequest = verdict === undefined || verdict.code === 'invalid_request';
  if (!mayBeBadRequest) return verdict;
  // What stands before the API may call everything so, OpenAI's refusal of a key among them.
  if ((failure.status ?? 400) !== 400) return undefined;
  return fromBadRequest(failure.message) ?? verdict;
}

/** The vendor files several kinds of trouble under one type and tells them apart in words only. */
function fromBadRequest(message: string): Verdict | undefined {
  if (/(spend|usage|spending) limits?|credit balance/i.test(message)) return { code: 'quota_exhausted' };
  if (/context limit/i.test(message) || saysContextTooLong(message)) return { code: 'context_too_long' };
  // Other servers of this wire have no type of error for it.
  if (saysNoSuchModel(message)) return { code: 'unknown_model' };
  if (/content filtering policy/i.test(message)) return { code: 'content_filtered' };
  if (/(does not|doesn't) support|not supported (by|for|on|with) (this|the) model/i.test(message)) {
    return { code: 'capability_missing' };
  }
  return undefined;
}

const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/** When `retry-after` is missing: the latest reset (RFC 3339) of a limit that has nothing left. */
function resetOf(headers: Headers | undefined): Pick<Verdict, 'retryAfterMs'> {
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const limit of LIMITS) {
    if (headers?.get(`anthropic-ratelimit-${limit}-remaining`) !== '0') continue;
    const resetMs = Date.parse(headers.get(`anthropic-ratelimit-${limit}-reset`) ?? '');
    if (!Number.isNaN(resetMs)) latestMs = Math.max(latestMs, resetMs);
  }
  return Number.isFinite(latestMs) ? { retryAfterMs: Math.max(0, latestMs - Date.now()) } : {};
}
