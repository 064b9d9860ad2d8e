import type { JsonObject } from '../../../core/json/json.ts';
import type { Usage } from '../../../core/usage.ts';
import { fromErrorValue, type VendorFailure } from './vendor-failure.ts';

/** A vendor's error in the place of an answer, or of a part of one, although the status said 200. */
export class VendorErrorBody extends Error {
  override readonly name = 'VendorErrorBody';
  readonly body: JsonObject;
  /** What was used until then, where it is told beside the error. */
  readonly usage: Usage | undefined;

  constructor(body: JsonObject, usage?: Usage) {
    super('The answer holds an error.');
    this.body = body;
    this.usage = usage;
  }
}

export function fromVendorErrorBody(error: Error): VendorFailure | undefined {
  if (!(error instanceof VendorErrorBody)) return undefined;
  return { ...fromErrorValue(error.body), ...(error.usage && { usage: error.usage }) };
}
