import type { JsonObject } from '../../../core/json/json.ts';
import { fromErrorValue, type VendorFailure } from './vendor-failure.ts';

/** A vendor's error in the place of an answer, or of a part of one, although the status said 200. */
export class VendorErrorBody extends Error {
  override readonly name = 'VendorErrorBody';
  readonly body: JsonObject;

  constructor(body: JsonObject) {
    super('The answer holds an error.');
    this.body = body;
  }
}

export function fromVendorErrorBody(error: Error): VendorFailure | undefined {
  return error instanceof VendorErrorBody ? fromErrorValue(error.body) : undefined;
}
