import type { GatewayError } from '../../core/errors.ts';
import type { AnswerPart, GatewayAnswer } from '../../gateway/gateway.ts';

/** What arrives between the beginning and the end of a stream. */
export type ContentPart = Exclude<AnswerPart, { type: 'end' | 'error' }>;

/**
 * Says a streamed answer in one dialect, as the text of server-sent events. Pure: each method returns
 * the bytes for the wire, empty when there is nothing to say. After `error` no sign of success follows.
 */
export interface StreamEncoder {
  open(): string;
  part(part: ContentPart): string;
  end(answer: GatewayAnswer): string;
  error(error: GatewayError): string;
}
