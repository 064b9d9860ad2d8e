import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { PROVIDER_KINDS } from '../../src/core/model.ts';
import type { Transport } from '../../src/providers/shared/transport/transport.ts';
import { ask, failureOf, MODES } from './answers.ts';
import { createProvider, modelOf } from './harness.ts';

/** As the real transport fails when nobody answers: no address does so reliably on every machine. */
const unanswered: Transport = {
  send: async () => {
    const cause = new Error('Connect Timeout Error (attempted address: 203.0.113.1:443, timeout: 5000ms)');
    throw new GatewayError('provider_unavailable', 'cannot reach it: it did not connect in time.', { cause });
  },
  close: async () => {},
};

describe('a connection that is not answered', () => {
  for (const kind of PROVIDER_KINDS) {
    it(`is told as what it is by ${kind}, whose SDK may put its own timeout in its place`, async () => {
      const provider = await createProvider(kind, { baseUrl: 'http://203.0.113.1' }, unanswered);
      const context = { apiKey: 'some-long-key', signal: new AbortController().signal };
      const content = [{ type: 'text', text: 'Hi' }] as const;
      for (const mode of MODES) {
        const request = { model: modelOf(kind, []), messages: [{ role: 'user', content }] } as const;
        const error = await failureOf(ask(provider, mode, request, context));
        expect(error.code).toBe('provider_unavailable');
        expect(error.message).toContain('did not connect in time');
      }
    });
  }
});
