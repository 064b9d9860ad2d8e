import { saysContextTooLong, type VendorFailure, type Verdict } from '../shared/failures/vendor-failure.ts';

/**
 * Ollama's errors are sentences without a code, so the words decide where the status does not. The
 * model's name is ours, from the request: never pulled by itself, but the reader is told how.
 */
export function classifyOllamaFailure(failure: VendorFailure, modelName: string | undefined): Verdict | undefined {
  const { status, message } = failure;
  // By other words than these, 404 comes from another server, or for a path that is not its own.
  if (/model .*not found|try pulling it first/i.test(message)) {
    return modelName === undefined ? undefined : { code: 'unknown_model', remedy: `run: ollama pull ${modelName}` };
  }
  if (saysContextTooLong(message)) return { code: 'context_too_long' };
  if (/does not support|required for image input/i.test(message)) {
    return { code: 'capability_missing', remedy: `${modelName ?? 'the model'} cannot do what the request needs` };
  }
  if (/requires more (system )?memory|out of memory/i.test(message)) {
    return { code: 'provider_error', retrySame: 'no', remedy: 'choose a smaller model or a smaller window' };
  }
  // The queue is full (OLLAMA_MAX_QUEUE).
  if (status === 503 || /server busy/i.test(message)) return { code: 'provider_overloaded', retrySame: 'once' };
  // Its cloud's allowance for the hour or the week.
  if (/usage limit/i.test(message)) return { code: 'quota_exhausted' };
  switch (status) {
    // 499: the server took us for gone; 502: a cloud model behind it does not answer.
    case 499:
    case 502:
      return { code: 'provider_unavailable', retrySame: 'once' };
    case undefined:
      return { code: 'provider_error' };
    default:
      return undefined;
  }
}
