import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../../src/core/content/document-source.ts';

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
const PDF = base64('%PDF-1.7\n%%EOF');
const dataUrl = (mediaType: string, bytes: string) => `data:${mediaType};base64,${bytes}`;

describe('a file', () => {
  it('is a PDF as a data URL, as its bare base64, or at an address', () => {
    const source = { type: 'data', mediaType: 'application/pdf', base64: PDF };
    expect(parseDocument(dataUrl('application/pdf', PDF), 'f', 'a.pdf')).toEqual({
      type: 'document',
      source,
      title: 'a.pdf',
    });
    expect(parseDocument(PDF, 'f')).toEqual({ type: 'document', source });
    expect(parseDocument('https://example.com/a.pdf', 'f', '')).toEqual({
      type: 'document',
      source: { type: 'url', url: 'https://example.com/a.pdf' },
    });
  });

  it.each([
    'text/plain',
    'text/markdown;charset=utf-8',
    'text/html',
    'application/json',
    'application/ld+json',
    'application/xml',
  ])('is said as text when it is %s', (mediaType) => {
    const given = dataUrl(mediaType, base64('<!doctype html>é'));
    expect(parseDocument(given, 'f')).toEqual({ type: 'text', text: '<!doctype html>é' });
    expect(parseDocument(given, 'f', 'a.txt')).toEqual({ type: 'text', text: 'Document: a.txt\n\n<!doctype html>é' });
  });

  it.each([
    ['of another type', dataUrl('application/msword', base64('x')), /"f" has the type "application\/msword"/],
    [
      'that is no PDF',
      dataUrl('application/pdf', base64('GIF89a')),
      /says application\/pdf, but its bytes are image\/gif/,
    ],
    ['that is not in UTF-8', dataUrl('text/plain', base64('\xe9', 'latin1')), /not in UTF-8/],
    ['with the character NUL', dataUrl('text/plain', base64('a\0b')), /holds the character NUL/],
    ['behind types without end', `data:${';'.repeat(5_000)};base64,${PDF}`, /without ";base64,"/],
    ['that is not base64', dataUrl('application/pdf', '???'), /not valid base64/],
    ['without base64', 'data:application/pdf,x', /without ";base64,"/],
    ['that is nothing', '', /neither a data: URL nor the base64 of a PDF/],
    ['on this machine', 'file:///etc/passwd', /neither a data: URL/],
    ['at a private address', 'https://10.0.0.1/a.pdf', /private address/],
    ['over http', 'http://example.com/a.pdf', /scheme "http:"/],
  ])('%s is refused by the name of its field', (_what, given, says) => {
    expect(() => parseDocument(given, 'f')).toThrow(says);
    expect(() => parseDocument(given, 'f')).toThrow(/; give a data: URL of application\/pdf/);
  });

  it('may be an empty text', () => {
    expect(parseDocument(dataUrl('text/plain', ''), 'f')).toEqual({ type: 'text', text: '' });
  });

  it('is refused when it is too large', () => {
    const large = dataUrl('application/pdf', `${PDF}${'A'.repeat(45 * 1_048_576)}`);
    expect(() => parseDocument(large, 'f')).toThrow(
      '"f" has more than 33,554,432 bytes, the largest document accepted.',
    );
  });
});
