import { GatewayError } from '../core/errors.ts';
import type { KeyClaim } from '../core/ports.ts';
import type { KeepAnswer, Once, OnceRequest } from './gateway.ts';
import type { GatewayParts } from './parts.ts';

const KEY_CHARACTERS_MAX = 255;
/** For a process to book what it did after its deadline; as long as its attempts have. */
const GRACE_MS = 60_000;
/** Nobody knows when the first request will be answered: soon enough to look again. */
const LOOK_AGAIN_MS = 1_000;

type OnceParts = Pick<GatewayParts, 'idempotency' | 'limits' | 'clock'>;

/** See `Gateway.once`. Source: stripe.com/blog/idempotency and the IETF draft "The Idempotency-Key HTTP Header Field". */
export async function once<Result>(
  { idempotency, limits, clock }: OnceParts,
  { param, deadlineMs = Number.POSITIVE_INFINITY, ...request }: OnceRequest,
  work: (keep: KeepAnswer) => Promise<Result>,
): Promise<Once<Result>> {
  const key = checkKey(request.key, param);
  const expiresAtMs = clock.nowMs() + Math.min(deadlineMs, limits.totalMs) + GRACE_MS;
  const claim = await idempotency.claim({ ...request, key }, expiresAtMs);
  if (claim.type === 'answered') return { type: 'repeated', answer: claim.answer };
  if (claim.type !== 'first') throw refusal(claim.type, param);
  let isKept = false;
  try {
    const result = await work((answer) => {
      isKept = true;
      return claim.keep(answer);
    });
    return { type: 'done', result };
  } finally {
    if (!isKept) await claim.free();
  }
}

function checkKey(key: string, param: string): string {
  const text = key.trim();
  if (text !== '' && text.length <= KEY_CHARACTERS_MAX) return text;
  const message = `"${param}" has to be one text of 1 to ${KEY_CHARACTERS_MAX} characters.`;
  throw new GatewayError('invalid_request', message, { param });
}

function refusal(type: Exclude<KeyClaim['type'], 'first' | 'answered'>, param: string): GatewayError {
  switch (type) {
    case 'other-request':
      return refuse(422, `The "${param}" belongs to another request.`, {
        hint: 'Use a new key for a new request.',
        param,
      });
    case 'under-way':
      return refuse(409, `The "${param}" belongs to a request that is still being answered.`, {
        hint: 'Send it again in a moment: the answer is then given as it was.',
        param,
        retryable: true,
        retryAfterMs: LOOK_AGAIN_MS,
      });
    case 'forgotten':
      return refuse(409, `The "${param}" belongs to a request that was answered, but its answer is not kept.`, {
        hint: 'Use a new key to ask, and pay, again.',
        param,
      });
    default:
      return type satisfies never;
  }
}

function refuse(
  httpStatus: number,
  message: string,
  more: ConstructorParameters<typeof GatewayError>[2],
): GatewayError {
  return new GatewayError('invalid_request', message, { ...more, httpStatus });
}
