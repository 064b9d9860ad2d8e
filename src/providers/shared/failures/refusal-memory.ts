import type { VendorFailure, Verdict } from './vendor-failure.ts';

/** Models remembered; the oldest is forgotten first, and learnt again with one refused request. */
const MODELS_MAX = 1_000;

const REFUSAL =
  /unsupported|not supported|does(n't| not) support|unknown|unrecognized|unexpected|not (allowed|permitted|enabled)|is deprecated|is unavailable|cannot both be specified|extra|only \S+ is allowed/i;

/** What each model was seen to refuse. */
export class RefusalMemory<Refused extends string> {
  readonly #learnt = new Map<string, ReadonlySet<Refused>>();

  /** Another set with each refusal, so that a request keeps what it was sent without. */
  of(modelName: string): ReadonlySet<Refused> {
    return this.#learnt.get(modelName) ?? NOTHING;
  }

  add(modelName: string, refused: Refused): void {
    const known = this.#learnt.get(modelName);
    if (!known && this.#learnt.size >= MODELS_MAX) this.#learnt.delete(this.#learnt.keys().next().value ?? '');
    this.#learnt.set(modelName, new Set(known).add(refused));
  }
}

const NOTHING: ReadonlySet<never> = new Set();

/** Does it name a part of the request that is not taken? */
export function isPartRefused({ status, code, message }: VendorFailure): boolean {
  if (status !== 400 && status !== 422) return false;
  return code === 'unsupported_parameter' || code === 'unsupported_value' || REFUSAL.test(message);
}

/** The same target is asked once more at once, in a form that it takes. */
export function askedAgain(how: string): Verdict {
  return { code: 'invalid_request', retrySame: 'at-once', remedy: `from now on it is asked ${how}` };
}
