import Anthropic from '@anthropic-ai/sdk';
import type { Completion } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import type { VendorState } from '../../../src/core/message.ts';
import type { AnswerPart, GatewayAnswer } from '../../../src/gateway/gateway.ts';
import type { AnswerForm } from '../../../src/http/anthropic/answer-form.ts';
import { MessageEncoder } from '../../../src/http/anthropic/message-encoder.ts';
import { answerOf } from '../../support/gateway-answer.ts';

export type Content = Completion['content'];
export type Part = Exclude<AnswerPart, { type: 'end' | 'error' }>;

export const STREAM = answerOf();
export const SHOWN: AnswerForm = { showsReasoning: true };
export const HIDDEN: AnswerForm = { showsReasoning: false };

export function encode(parts: readonly Part[], ending: GatewayAnswer | GatewayError, form = SHOWN): string {
  const encoder = new MessageEncoder(STREAM, form);
  const before = encoder.open() + parts.map((part) => encoder.part(part)).join('');
  return before + (ending instanceof GatewayError ? encoder.error(ending) : encoder.end(ending));
}

/** What the vendor's own client makes of the bytes. */
export async function readBySdk(events: string): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(events, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return client.messages
    .stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] })
    .finalMessage();
}

export function eventsIn(text: string): readonly { readonly event: string; readonly data: Record<string, unknown> }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [event = '', data = ''] = block.split('\n');
      return { event: event.replace('event: ', ''), data: JSON.parse(data.replace('data: ', '')) };
    });
}

export const GEMINI: VendorState = { kind: 'gemini', value: '{"thoughtSignature":"c2lnbmF0dXJl"}' };
