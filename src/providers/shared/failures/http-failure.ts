/**
 * An answer outside 2xx, as the transport throws it through the SDK. It never leaves this folder:
 * `Exchange.fail` turns it into a `GatewayError`. Every vendor's errors are read from here, since
 * the SDKs lose headers, bodies or both.
 */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly status: number;
  readonly headers: Headers;
  /** At most the first 64 KB. */
  readonly bodyText: string;

  constructor(status: number, headers: Headers, bodyText: string) {
    super(`HTTP status ${status}`);
    this.status = status;
    this.headers = headers;
    this.bodyText = bodyText;
  }
}
