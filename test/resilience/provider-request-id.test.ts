import { expect, it } from 'vitest';
import { bookableRequestId } from '../../src/resilience/provider-request-id.ts';

const KEY = 'sk-test-0123456789abcdef';
const API_KEY = { name: 'main', value: KEY, weight: 1 };

it.each(['req_011CSHoEeqs5C35K2UUqR7Fy', 'chatcmpl-abc/123', '0'])('the id %s is booked', (id) => {
  expect(bookableRequestId(id, API_KEY)).toBe(id);
});

it.each([
  undefined,
  '',
  'two words',
  'line\nbreak',
  'x'.repeat(201),
  KEY,
  `req-${KEY}`,
  KEY.slice(0, 9),
  Buffer.from(`user:${KEY}`).toString('base64'),
])('%j is not', (id) => {
  expect(bookableRequestId(id, API_KEY)).toBeUndefined();
});
