import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json/json.ts';
import type { ToolName } from '../../src/core/tool-names.ts';
import { TOOLS } from '../../src/mcp/tools/all.ts';
import { refusalOf, runScripted } from './run-scripted.ts';

describe('the other tools refuse', () => {
  it.each<[ToolName, unknown, RegExp]>([
    ['provider_status', { probe: 'yes' }, /^"probe" must be true or false/],
    ['provider_status', { provider: '../x' }, /^"provider"/],
    ['list_models', { capability: 'visoin' }, /^"capability" must be one of tools, vision, .* did you mean "vision"\?/],
    ['list_models', { query: '' }, /^"query" must not be empty/],
    ['list_models', { limit: 1e9 }, /^Unknown argument "limit"; valid are provider, capability, query/],
    ['embed', {}, /^"input" must be a text or a list of texts, not nothing/],
    ['embed', { input: ['a', 7] }, /^"input\[1\]" must be a text, not 7\./],
    ['embed', { input: 7 }, /^"input" must be a text or a list of texts/],
    ['embed', { input: [] }, /^"input" must have at least 1 text/],
    ['embed', { input: ['a', ''] }, /^"input\[1\]" must not be empty/],
    ['embed', { input: Array.from({ length: 65 }, () => 'a') }, /^"input" must have at most 64 texts, not 65/],
    ['cost_report', { period: 'fortnight' }, /^"period" must be one of today, 24h, 7d, 30d, month, all/],
    ['cost_report', { period: '7d', from: '2026-11-01' }, /^Give either "period" or "from" and "to"/],
    ['cost_report', { from: 'yesterday' }, /^"from" is not a date: "yesterday"; give "2026-11-30"/],
    ['cost_report', { from: '2026-02-30' }, /^"from" is not a date/],
    ['cost_report', { to: '2026-11-30T25:00' }, /^"to" is not a date/],
    ['cost_report', { from: "2026-11-01'; DROP TABLE x" }, /^"from" is not a date/],
    [
      'cost_report',
      { from: '2026-11-30', to: '2026-11-29' },
      /^"from" must be before "to": "2026-11-30" is not before "2026-11-29"/,
    ],
    ['cost_report', { from: '2027-01-01' }, /^"from" must be before now/],
    [
      'cost_report',
      { group_by: 'modell' },
      /^"group_by" must be one of provider, .* metadata.<name>; did you mean "model"\?$/,
    ],
    ['cost_report', { group_by: 'metadata.' }, /^"group_by" must be one of/],
    ['cost_report', { baseline: '../x' }, /^"baseline" must not hold "\.\."/],
  ])('%s %j', async (tool, args, message) => {
    expect((await refusalOf(tool, args)).message).toMatch(message);
  });

  it('texts to embed that are too long together', async () => {
    const { code, message } = await refusalOf('embed', { input: Array(2).fill('x'.repeat(6 * 1024 * 1024)) });
    expect([code, message]).toEqual(['too_large', '"input" has 12,582,912 bytes; at most 10,485,760 are accepted.']);
  });
});

it.each<[ToolName, object]>([
  ['complete', { prompt: 'hi' }],
  ['list_models', { query: 'haiku' }],
])('%s passes over what Gemini CLI adds to the arguments of all tools', async (tool, args) => {
  const alone = await runScripted(tool, args);
  expect(alone.isError).toBe(false);
  expect(await runScripted(tool, { ...args, wait_for_previous: true })).toEqual(alone);
});

it('list_models narrows by all that is given, without the blanks around a part of a name', async () => {
  const { asked } = await runScripted('list_models', { provider: 'groq', capability: 'vision', query: ' haiku ' });
  expect(asked).toEqual([{ method: 'listModels', query: { provider: 'groq', capability: 'vision', query: 'haiku' } }]);
});

it.each(TOOLS.map(({ name, inputSchema }) => [name, Object.keys(inputSchema().properties as JsonObject)] as const))(
  '%s takes null for what is not given, as frameworks with typed arguments send it',
  async (tool, names) => {
    const required: { [Name in ToolName]?: object } = {
      complete: { prompt: 'hi' },
      route_preview: { prompt: 'hi' },
      embed: { input: 'hi' },
    };
    const given = required[tool] ?? {};
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    const alone = await runScripted(tool, given);
    const { isError, asked } = await runScripted(tool, { ...nulls, ...given });
    expect(alone.isError).toBe(false);
    expect({ isError, asked }).toEqual({ isError: false, asked: alone.asked });
  },
);

describe('cost_report covers', () => {
  const HOUR_MS = 3_600_000;
  it.each<[object, string, string]>([
    [{}, '2026-11-30T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: '24h' }, '2026-11-29T12:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: '30d' }, '2026-10-31T12:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: 'month' }, '2026-11-01T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: 'all' }, '1970-01-01T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ from: '2026-11-03', to: '2026-11-03' }, '2026-11-03T00:00:00.000Z', '2026-11-04T00:00:00.000Z'],
    [{ from: '2024-02-29' }, '2024-02-29T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ to: '2026-11-03T10:00' }, '1970-01-01T00:00:00.000Z', '2026-11-03T10:00:00.000Z'],
    [
      { from: '2026-11-03T10:00:00+02:00', to: '2026-11-03T10:00:00.5Z' },
      '2026-11-03T08:00:00.000Z',
      '2026-11-03T10:00:00.500Z',
    ],
  ])('%j: %s to %s', async (args, from, to) => {
    const { structured, asked } = await runScripted('cost_report', args);
    expect(structured).toMatchObject({ from, to });
    expect(asked).toMatchObject([{ query: { tenant: 'local', fromMs: Date.parse(from), toMs: Date.parse(to) } }]);
  });

  it('a day of 24 hours, whatever the zone of the machine', async () => {
    const { asked } = await runScripted('cost_report', { from: '2026-03-29', to: '2026-03-29' });
    const first = asked[0];
    expect(first?.method === 'costReport' && first.query.toMs - first.query.fromMs).toBe(24 * HOUR_MS);
  });
});
