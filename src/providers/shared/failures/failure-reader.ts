import { type ErrorCode, errorPolicy } from '../../../core/error-codes.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { ModelInfo } from '../../../core/model.ts';
import type { CallContext, ProviderSettings } from '../../../core/provider.ts';
import { createSecretMask } from '../../../core/secret-mask.ts';
import { HttpFailure } from './http-failure.ts';
import { maskedCause, maskSecrets } from './mask-secrets.ts';
import { retryAfterMsFrom } from './retry-after.ts';
import {
  type FailureClassifier,
  fromHttpFailure,
  ownWords,
  type VendorFailure,
  type Verdict,
  verdictByStatus,
  verdictOfPage,
} from './vendor-failure.ts';

/** How a vendor reads its own failures. */
export type ErrorReading = {
  readonly classify?: FailureClassifier;
  /** The vendor's error event inside an error its SDK throws while streaming. */
  readonly streamFailure?: (error: Error) => VendorFailure | undefined;
};

export type FailureReaderOptions = ErrorReading & {
  readonly settings: ProviderSettings;
  readonly context: CallContext;
  readonly model?: ModelInfo;
  /** Asked first; undefined when nothing had been sent yet. */
  readonly learn?: FailureClassifier | undefined;
};

/** How far the exchange had come when it failed: was it sent, and did a stream end in the middle of a line? */
export type Progress = { readonly isSent: boolean; readonly isCut: boolean };

/** Turns whatever an SDK, the transport or a translator threw into a `GatewayError`. */
export function readFailure(error: unknown, options: FailureReaderOptions, { isSent, isCut }: Progress): GatewayError {
  const { signal } = options.context;
  if (signal.aborted) return fromAbort(signal.reason, options);
  for (const link of causeChain(error)) {
    if (link instanceof GatewayError) return located(link, options);
    if (link instanceof HttpFailure) return fromFailure(fromHttpFailure(link), options);
    const failure = options.streamFailure?.(link);
    if (failure) return fromFailure(failure, options);
  }
  const { who, at } = placeOf(options);
  const fields = { ...at, cause: maskedCause(error, secretsOf(options)) };
  if (!isSent) return new GatewayError('internal', `${who}: the request could not be built.`, fields);
  // Some SDKs hand over an event that the end of the stream cut in two.
  if (isCut) {
    return new GatewayError('stream_truncated', `${who}: the answer broke off in the middle of an event.`, fields);
  }
  return new GatewayError('malformed_response', `${who} answered something that is not its protocol.`, fields);
}

function* causeChain(error: unknown): Generator<Error> {
  let link = error;
  for (let depth = 0; depth < 8 && link instanceof Error; depth++) {
    yield link;
    link = link.cause;
  }
}

function placeOf({ settings, model }: FailureReaderOptions) {
  return { who: `Provider ${settings.id}`, at: { provider: settings.id, ...(model && { model: model.ref }) } };
}

/** Of a gateway that is itself called Portkey, those that name a key: masked, the others would be missing from answers. */
const SECRET_HEADER = /auth|(?<!port)key|token|secret|cookie/i;

/** The key in use, and what the configuration sends in headers that carry secrets. */
export function secretsOf({
  settings: { headers },
  context: { apiKey },
}: Pick<FailureReaderOptions, 'settings' | 'context'>): readonly string[] {
  const secretHeaders = Object.entries(headers ?? {}).filter(([name]) => SECRET_HEADER.test(name));
  const values = secretHeaders.map(([, value]) => value.replace(/^(Bearer|Basic) /i, ''));
  return apiKey === undefined ? values : [apiKey, ...values];
}

/** What the provider said, without what must not be repeated. */
function hide(text: string, options: FailureReaderOptions): string {
  return maskSecrets(options.settings.mask?.(text) ?? text, secretsOf(options));
}

/** Our own timers abort with the error they mean; a caller aborts with anything. */
function fromAbort(reason: unknown, options: FailureReaderOptions): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError('cancelled', 'The call was cancelled.', placeOf(options).at);
}

/** A finding of the transport or a translator, which know no provider. */
function located(error: GatewayError, options: FailureReaderOptions): GatewayError {
  if (error.provider !== undefined) return error;
  const { who, at } = placeOf(options);
  const message = `${who}: ${hide(error.message, options)}`;
  const cause = error.cause && maskedCause(error.cause, secretsOf(options));
  return error.with({ ...at, message, lastingMessage: message, cause });
}

function fromFailure(failure: VendorFailure, options: FailureReaderOptions): GatewayError {
  const { status, headers } = failure;
  const verdict = verdictOn(failure, options);
  // A model list that is not found says nothing about a model.
  const code = verdict.code === 'unknown_model' && !options.model ? 'provider_error' : verdict.code;
  const { words, said } = messageOf(failure, { ...verdict, code }, options);
  return new GatewayError(code, said ? `${words}: ${said}` : `${words}.`, {
    ...placeOf(options).at,
    lastingMessage: OF_THE_ACCOUNT.has(code) ? undefined : `${words}.`,
    status,
    vendorCode: vendorCodeOf(failure, options),
    usage: failure.usage,
    param: verdict.param,
    providerRequestId: headers && requestIdFrom(headers, options),
    retryAfterMs: waitOf(verdict, headers),
    tryNext: verdict.tryNext,
    retrySame: verdict.retrySame ?? (headers?.get('x-should-retry') === 'false' ? 'no' : undefined),
  });
}

function verdictOn(failure: VendorFailure, { learn, classify, model }: FailureReaderOptions): Verdict {
  const { status = 500, isPage } = failure;
  if (isPage) return verdictOfPage(status);
  const own = { ...failure, message: ownWords(failure.message) };
  return learn?.(own) ?? classify?.(own, model) ?? verdictByStatus(status);
}

/**
 * A header's zero names no wait; only a verdict's zero means "at once, for nothing is wrong". Where no wait helps, as
 * without credit, a header says nothing: it may be the same on every 429.
 */
function waitOf({ code, retryAfterMs }: Verdict, headers: Headers | undefined): number | undefined {
  const said = headers && errorPolicy(code).callerMayRetry ? retryAfterMsFrom(headers, Date.now()) : undefined;
  return said || retryAfterMs;
}

function vendorCodeOf(failure: VendorFailure, options: FailureReaderOptions): string | undefined {
  // Google's code is the status once more; its word for it says what happened.
  const code =
    failure.code === String(failure.status) ? (failure.type ?? failure.code) : (failure.code ?? failure.type);
  return code === undefined ? undefined : hide(code, options).slice(0, 100);
}

/** What a vendor says of these is about key and account. Of all else it may quote the prompt. */
const OF_THE_ACCOUNT: ReadonlySet<ErrorCode> = new Set(['provider_auth', 'quota_exhausted', 'rate_limited']);

/** In our words, and what the vendor said. */
function messageOf(failure: VendorFailure, verdict: Verdict, options: FailureReaderOptions) {
  const words = new Set([failure.status?.toString(), vendorCodeOf(failure, options)]);
  const answered = [...words].filter((word) => word !== undefined).join(' ');
  const said = hide(failure.message, options);
  const remedy = verdict.remedy ?? remedyFor(verdict.code, options);
  const { who } = placeOf(options);
  return { words: `${who} answered ${answered || 'with an error'}${remedy && ` (${remedy})`}`, said };
}

function remedyFor(code: ErrorCode, { settings, model }: FailureReaderOptions): string {
  switch (code) {
    case 'provider_auth':
      return `check the API key of provider ${settings.id}`;
    case 'quota_exhausted':
      return `check credit and spending limits of the account behind provider ${settings.id}`;
    case 'unknown_model':
      return `it does not serve ${model?.name ?? 'this model'} under this address; check the model's name and baseUrl`;
    case 'context_too_long':
      return `the prompt does not fit ${model?.name ?? 'the model'}; shorten it or choose a larger window`;
    case 'too_large':
      return 'the request is too large for it; waiting does not help';
    case 'loop_detected':
      return `baseUrl of provider ${settings.id} leads back to Signalbox`;
    default:
      return '';
  }
}

/** It goes into the books. One that holds a secret is none. */
function requestIdFrom(headers: Headers, options: FailureReaderOptions): string | undefined {
  const id = headers.get('x-request-id') ?? headers.get('request-id') ?? undefined;
  return id !== undefined && createSecretMask(secretsOf(options))(id) === id ? id : undefined;
}
