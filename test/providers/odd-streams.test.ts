import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ProviderKind } from '../../src/core/model.ts';
import { serve } from '../support/local-server.ts';
import { contextOf, transportOf } from '../support/transport.ts';
import { ask, failureOf } from './answers.ts';
import { createProvider, modelOf } from './harness.ts';

/** A provider whose server answers every call in this way. */
async function providerOf(kind: ProviderKind, answer: (response: ServerResponse, socket: Socket) => void) {
  const baseUrl = await serve((request, response) => {
    request.resume().on('end', () => answer(response, request.socket));
  });
  const provider = await createProvider(kind, { baseUrl }, transportOf());
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] as const;
  const request = { model: modelOf(kind, ['tools']), messages };
  return () => ask(provider, 'streamed', request, contextOf({ apiKey: 'key' }));
}

const SSE = { 'content-type': 'text/event-stream' };

type Event = { readonly [key: string]: unknown };

function frameOf(kind: ProviderKind, event: Event): string {
  return `${kind === 'anthropic' ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;
}

/** What becomes of a stream of these events. */
async function askWith(kind: ProviderKind, events: readonly Event[]) {
  const body = events.map((event) => frameOf(kind, event)).join('');
  const asked = await providerOf(kind, (response) => response.writeHead(200, SSE).end(body));
  return asked();
}

const start: Event = { type: 'message_start', message: { model: 'm', usage: { input_tokens: 9, output_tokens: 1 } } };
const block = (index: number, content_block: object): Event => ({ type: 'content_block_start', index, content_block });
const piece = (index: number, delta: object): Event => ({ type: 'content_block_delta', index, delta });
const json = (index: number, partial_json: unknown) => piece(index, { type: 'input_json_delta', partial_json });
const stop = (index: number): Event => ({ type: 'content_block_stop', index });
const end = (stop_reason: string): readonly Event[] => [
  { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
];
const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
const gemini = (parts: readonly object[], finishReason?: string): Event => ({
  candidates: [{ content: { role: 'model', parts }, finishReason }],
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5 },
});
const chat = (delta: object, finish_reason: string | null = null): Event => ({ choices: [{ delta, finish_reason }] });

describe('a stream of Anthropic', () => {
  it('passes over what should be text and is none', async () => {
    const answer = await askWith('anthropic', [
      ...[start, block(0, { type: 'thinking' }), stop(0), block(1, { type: 'text', text: null })],
      ...['Hel', null, 5, undefined, 'lo'].map((text) => piece(1, { type: 'text_delta', text })),
      ...[stop(1), block(2, call), json(2, null), json(2, { a: 1 }), json(2, '{}'), stop(2), ...end('tool_use')],
    ]);
    expect(answer.text).toBe('Hello');
    expect(answer.toolCalls).toMatchObject([{ argumentsJson: '{}' }]);
  });

  it.each([
    ['without the names of its events', (body: string) => body.replaceAll(/^event: .*\n/gm, '')],
    ['without the name of one piece', (body: string) => body.replace(/event: .*\n(?=.*"lo")/, '')],
    ['without the blank line at its end', (body: string) => body.trimEnd()],
  ])('%s is whole', async (_name, change) => {
    const said = ['Hel', 'lo', '!'].map((text) => piece(0, { type: 'text_delta', text }));
    const events = [start, block(0, { type: 'text', text: '' }), ...said, stop(0), ...end('end_turn')];
    const body = change(events.map((event) => frameOf('anthropic', event)).join(''));
    const asked = await providerOf('anthropic', (response) => response.writeHead(200, SSE).end(body));
    expect(await asked()).toMatchObject({ text: 'Hello!', usage: { outputTokens: 5, source: 'reported' } });
  });

  it.each(['', 'event: message\n', 'event: error\n'])('ends with an error by whatever name (%j)', async (name) => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const body = `${frameOf('anthropic', start)}${name}data: ${JSON.stringify(error)}\n\n`;
    const asked = await providerOf('anthropic', (response) => response.writeHead(200, SSE).end(body));
    expect((await failureOf(asked())).code).toBe('provider_overloaded');
  });

  it.each([
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'provider_overloaded'],
    [{ error: { type: 'rate_limit_error', message: 'Slow down' } }, 'rate_limited'],
    [{ error: 'out of order' }, 'provider_error'],
  ])('may come as one JSON body: an error says what it is (%j)', async (body, code) => {
    const asked = await providerOf('anthropic', (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
    expect((await failureOf(asked())).code).toBe(code);
  });
});

describe('a stream of Gemini', () => {
  it.each([
    [{ error: 'out of order' }, 'provider_error'],
    [{ error: {} }, 'provider_error'],
    [{ error: { code: 14, status: 'UNAVAILABLE', message: 'over' } }, 'provider_overloaded'],
    [{ error: { status: 'RESOURCE_EXHAUSTED', message: 'over' } }, 'rate_limited'],
  ])('never succeeds with an error in it, whatever its code (%j)', async (error, code) => {
    const events = [gemini([{ text: 'Hel' }], 'STOP'), error, gemini([{ text: 'lo' }], 'STOP')];
    expect((await failureOf(askWith('gemini', events))).code).toBe(code);
  });

  it('takes an empty finish reason for none', async () => {
    expect((await failureOf(askWith('gemini', [gemini([{ text: 'Hel' }], '')]))).code).toBe('stream_truncated');
  });
});

describe('an answer that said its last word', () => {
  const events = [chat({ content: 'Hello' }), chat({}, 'stop')].map((event) => frameOf('openai', event));
  const whole = `${events.join('')}data: [DONE]\n\n`;

  it('is complete although its body never ends, and lets go of the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const asked = await providerOf('openai', (response, socket) => {
      socket.once('close', () => closed.resolve());
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(whole);
    });
    expect((await asked()).text).toBe('Hello');
    await closed.promise;
  });

  it('keeps its connection for the next request when the body ends a little later', async () => {
    const sockets = new Set<Socket>();
    const ended = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let calls = 0;
    const asked = await providerOf('openai', (response, socket) => {
      const done = ended[calls++];
      sockets.add(socket);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(whole);
      setTimeout(() => response.end(() => done?.resolve()), 20);
    });
    await asked();
    await ended[0]?.promise;
    await new Promise((resolve) => setTimeout(resolve, 50));
    await asked();
    expect(sockets.size).toBe(1);
  });
});

describe('a stream asked of any vendor', () => {
  const error = { message: 'You have no credit left.', type: 'insufficient_quota', code: 'insufficient_quota' };

  it.each(['openai', 'openai-compatible', 'groq', 'anthropic'] as const)(
    'may be an error without any event, under the name of a stream: %s',
    async (kind) => {
      const body =
        kind === 'anthropic' ? { type: 'error', error: { type: 'billing_error', message: error.message } } : { error };
      const asked = await providerOf(kind, (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`\n${JSON.stringify(body, null, 2)}`);
      });
      expect(await failureOf(asked())).toMatchObject({
        code: 'quota_exhausted',
        message: expect.stringContaining(error.message),
      });
    },
  );

  it('keeps the usage it had when a later count says zero', async () => {
    const counted = { ...chat({ content: 'Hi' }), usage: { prompt_tokens: 9, completion_tokens: 5 } };
    const zeros = { ...chat({}, 'stop'), usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } };
    const answer = await askWith('openai-compatible', [counted, zeros]);
    expect(answer.usage).toMatchObject({ inputTokens: 9, outputTokens: 5, source: 'reported' });
  });

  it('passes over a ping, which ends nothing', async () => {
    const pings = [{ type: 'ping' }, null as unknown as Event];
    const answer = await askWith('openai-compatible', [...pings, chat({ content: 'Hi' }), ...pings, chat({}, 'stop')]);
    expect(answer).toMatchObject({ text: 'Hi', finishReason: { unified: 'stop' } });
    const cut = askWith('openai-compatible', [chat({ content: 'Hi' }), ...pings]);
    expect((await failureOf(cut)).code).toBe('stream_truncated');
  });

  it('holds one answer, though the server sends several at once', async () => {
    const of = (index: number, content: string, finish_reason: string | null = null) => ({
      choices: [{ index, delta: { content }, finish_reason }],
    });
    const events = [of(0, 'One'), of(1, 'Two'), of(1, '', 'length'), of(0, ' more', 'stop')];
    const answer = await askWith('openai-compatible', events);
    expect(answer).toMatchObject({ text: 'One more', finishReason: { unified: 'stop' } });
    // Some servers count from 1.
    expect(await askWith('openai-compatible', [of(1, 'One'), of(1, ' more', 'stop')])).toMatchObject({
      text: 'One more',
    });
  });
});
