import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedCause, maskSecrets } from '../../../../src/providers/shared/failures/mask-secrets.ts';

const KEY = 'zq+Secret/Key.0123456789';

describe('masking', () => {
  it.each([
    ['in plain', `Bad key ${KEY}!`],
    ['twice', `${KEY}${KEY}`],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['URL-encoded', encodeURIComponent(KEY)],
    ['shortened as vendors do', `Incorrect API key provided: ${KEY.slice(0, 8)}*****6789.`],
  ])('hides a key %s', (_name, text) => {
    const masked = maskSecrets(text, [KEY]);
    expect(masked).toContain('[secret]');
    expect(masked).not.toContain(KEY.slice(0, 8));
    expect(masked).not.toContain('456789');
  });

  it.each([
    'sk-proj-abcdef123456',
    'gsk_abcdef123456',
    'AIzaSyabcdef123456',
    'Bearer abcdef.ghi-123',
    'sk-ant-api03-xyz***',
  ])('hides what looks like a key though it is not the one in use: %s', (text) => {
    expect(maskSecrets(`Wrong: ${text}, sorry`, [])).toBe('Wrong: [secret], sorry');
  });

  it('leaves ordinary words alone', () => {
    const text = 'The task-runner and the risk-assessment need a basic model like gpt-5-mini.';
    expect(maskSecrets(text, [KEY])).toBe(text);
  });

  it('makes one line of limited length, without control characters', () => {
    expect(maskSecrets('a\n\n b\u001b[31m\tc', [])).toBe('a b [31m c');
    expect(maskSecrets('x'.repeat(10_000), [])).toHaveLength(500);
  });

  it('lets no key through, whatever surrounds it', () => {
    const key = fc.stringMatching(/^[!-~]{8,60}$/);
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (secret, before, after) => {
        expect(maskSecrets(before + secret + after, [secret])).not.toContain(secret);
      }),
    );
  });

  it('keeps of a cause its name, message and stack, without the key or its fields', () => {
    const original = Object.assign(new TypeError(`invalid header value ${KEY}`), { headers: { authorization: KEY } });
    const cause = maskedCause(original, [KEY]);
    expect(cause.name).toBe('TypeError');
    expect(cause.message).toBe('invalid header value [secret]');
    expect(cause.stack).toContain('mask-secrets.test');
    expect(JSON.stringify({ ...cause, stack: cause.stack })).not.toContain(KEY.slice(0, 8));
  });
});
