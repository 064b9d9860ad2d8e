import { describe, expect, it } from 'vitest';
import { classifyGeminiFailure } from '../../../../src/providers/gemini/classify-gemini-failure.ts';
import { HttpFailure } from '../../../../src/providers/shared/failures/http-failure.ts';
import { fromErrorValue, fromHttpFailure } from '../../../../src/providers/shared/failures/vendor-failure.ts';

function messageOf(bodyText: string): string {
  return fromHttpFailure(new HttpFailure(502, new Headers(), bodyText)).message.replaceAll(/\s+/g, ' ');
}

describe('the words of a failure that is a web page', () => {
  it('are those between its tags, without scripts and styles', () => {
    const page =
      '<html><STYLE media="all">b { color: red }</STYLE><body>Bad <b>gateway</b><script>go()</script></body></html>';
    expect(messageOf(page)).toBe('Bad gateway');
  });

  it('are nothing of a script that was cut', () => {
    expect(messageOf('<p>Bad gateway</p><script>const words = 1;')).toBe('Bad gateway');
  });

  it.each(['<', '<script', '<script>', '</script>', '<style a', 'a<b>'])(
    'are found among any number of %s',
    (piece) => {
      expect(messageOf(`busy ${piece.repeat(200_000)}`)).toMatch(/^busy/);
    },
  );
});

it('reads the words of a list of errors, as Cloudflare has it, where there is no message', () => {
  const errors = [{ code: 7009, message: 'Upstream service unavailable' }, { message: 'Busy' }];
  const listed = JSON.stringify({ success: false, errors, messages: [], result: null });
  expect(messageOf(listed)).toBe('Upstream service unavailable');
  expect(messageOf(JSON.stringify({ errors: ['Busy'] }))).toBe('Busy');
  expect(messageOf(JSON.stringify({ message: 'Bad request', errors }))).toBe('Bad request');
  expect(messageOf(JSON.stringify({ errors: [] }))).toBe('');
});

describe('the words of a hostile failure', () => {
  it('are cut, wherever they stand', () => {
    const long = 'no '.repeat(100_000);
    const messages = [
      fromErrorValue(long).message,
      fromErrorValue({ error: { message: long } }).message,
      fromErrorValue({ detail: [{ msg: long }] }).message,
      messageOf(long),
    ];
    for (const { length } of messages) expect(length).toBeLessThan(10_000);
  });

  it('are read in no time, whatever they repeat', () => {
    const quotaId = 'PerDay'.repeat(300_000);
    const exhausted = { status: 'RESOURCE_EXHAUSTED', message: '', details: [{ violations: [{ quotaId }] }] };
    expect(classifyGeminiFailure(fromErrorValue({ error: exhausted }))?.code).toBe('quota_exhausted');
    const invalid = { status: 'INVALID_ARGUMENT', message: 'token count '.repeat(100_000) };
    expect(classifyGeminiFailure(fromErrorValue({ error: invalid }))?.code).toBe('invalid_request');
  });
});
