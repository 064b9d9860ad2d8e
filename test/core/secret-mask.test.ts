import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretMask, spellingsOfSecret } from '../../src/core/secret-mask.ts';

const SECRET = 'sk-proj-9fK2+/xQ=="\\7Zz é';

const hexOf = (letter: string) => letter.charCodeAt(0).toString(16);

describe('a secret mask', () => {
  it.each([
    ['as it is', SECRET],
    ['escaped for JSON', JSON.stringify({ key: SECRET })],
    ['percent-encoded', `?key=${encodeURIComponent(SECRET)}`],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
    ['in Base64 for URLs', Buffer.from(SECRET).toString('base64url')],
    ['in hexadecimal', `0x${Buffer.from(SECRET).toString('hex')}`],
    ['in hexadecimal capitals', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['in Basic credentials', `Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`],
    ['percent-encoded in small letters', encodeURIComponent(SECRET).replace(/%../g, (byte) => byte.toLowerCase())],
    ['percent-encoded as little as a path needs', encodeURI(SECRET)],
    ['escaped for JSON with its slashes', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    ['escaped for JSON within JSON', JSON.stringify(JSON.stringify({ key: SECRET }))],
    ['escaped for JSON in ASCII', SECRET.replace(/\W/g, (letter) => `\\u${hexOf(letter).padStart(4, '0')}`)],
    ['escaped for HTML', SECRET.replace(/\W/g, (letter) => `&#x${hexOf(letter)};`)],
    ['in Base64 in JSON', Buffer.from(SECRET).toString('base64').replaceAll('/', '\\/')],
    ['cut by the vendor', 'Incorrect API key provided: sk-proj-9fK2****7Zz.'],
  ])('hides a secret %s', (_how, text) => {
    const masked = createSecretMask([SECRET])(text);
    expect(masked).toContain('[secret]');
    expect(masked).not.toContain(SECRET.slice(0, 8));
    expect(masked).not.toMatch(/9fK2|xQ|7Zz|OWZLM|39664b32/i);
  });

  it('hides all of a secret whose start alone would be hidden as well', () => {
    expect(createSecretMask(['abcdefgh/secret'])('abcdefgh/secret, abcdefgh****cret')).toBe('[secret], [secret]');
  });

  it('is found in no time in a text that is made to be long to look at', () => {
    const mask = createSecretMask(['\\\\\\"\\\\\\"//&&""\\\\"', '"&/+\\ sk-proj']);
    for (const piece of ['\\', '\\"', '&#0', '%5', '\\u005c']) {
      const text = piece.repeat(20_000);
      expect(mask(text).length).toBeLessThanOrEqual(text.length + SECRET.length);
    }
  });

  it('leaves other text as it is', () => {
    const text = '{"message":"skipped 3 of 4 (sk-other) 100% a+b"}';
    expect(createSecretMask([SECRET, 'hunter2'])(text)).toBe(text);
  });

  it('does not mask the shared start of a short secret, nor words shorter than four characters', () => {
    expect(createSecretMask(['password1', 'no', ''])('password2 or no password')).toBe('password2 or no password');
  });

  it('hides any secret anywhere in any Base64 text', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'binary' }),
        fc.string(),
        fc.string(),
        fc.constantFrom('base64' as const, 'base64url' as const),
        (secret, before, after, encoding) => {
          const text = Buffer.from(before + secret + after).toString(encoding);
          const masked = createSecretMask([secret])(text);
          expect(masked).toContain('[secret]');
          // What is left beside the mask decodes to nothing but the secret's surroundings and at most a byte at its ends.
          const left = masked.split('[secret]').join('').length;
          expect(left).toBeLessThanOrEqual(Math.ceil((Buffer.byteLength(before + after) * 4) / 3) + 6);
        },
      ),
    );
  });

  it('hides secrets that look like patterns', () => {
    expect(createSecretMask(['a.*b|c'])('a.*b|c axxb c')).toBe('[secret] axxb c');
  });
});

it('knows the ways in which encoders write a secret, of which a plain one has no more than itself and Base64', () => {
  const spellings = spellingsOfSecret('ab/c+d=e&f');
  const encoded = [
    'ab%2Fc%2Bd%3De%26f',
    'ab%2fc%2bd%3de%26f',
    'ab\\/c+d=e&f',
    'ab&#x2F;c+d&#x3D;e&amp;f',
    'ab&#47;c+d&#61;e&amp;f',
  ];
  expect(spellings).toEqual(expect.arrayContaining(encoded));
  expect(spellingsOfSecret('sk-abc123_DEF-456')).toHaveLength(4);
});
