import { estimateTokenCount } from 'tokenx';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/core/error-codes.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { DEFAULT_TOOLS, type ToolName } from '../../src/core/tool-names.ts';
import { renderFailure } from '../../src/mcp/rendering/failure.ts';
import { TOOLS } from '../../src/mcp/tools/all.ts';
import { PLAN } from '../support/scripted-data.ts';
import { createScriptedGateway } from '../support/scripted-gateway.ts';
import { NOW_MS, runScripted } from './run-scripted.ts';

describe('a result without anything to show', () => {
  const { gateway } = createScriptedGateway();
  const empty = { gateway: { ...gateway, listModels: async () => [], providerStatus: async () => [] } };

  it.each<[ToolName, object, string]>([
    ['provider_status', {}, 'No provider is configured. Run "signalbox init", or set OPENAI_API_KEY or another key.'],
    [
      'list_models',
      {},
      'No model is known: no provider is configured, or none of its models is listed; "signalbox check" shows what is.',
    ],
    ['list_models', { query: 'x' }, 'No model matches; ask with fewer of provider, capability and query.'],
  ])('of %s %j says why to clients that show only the structured one, too', async (tool, args, hint) => {
    expect(await runScripted(tool, args, empty)).toMatchObject({ structured: { hint }, text: hint });
  });
});

describe('the text of a result holds the facts, compactly', () => {
  it('complete: the answer first, then one line', async () => {
    const { text, structured } = await runScripted('complete', { prompt: 'hello' });
    expect(text).toBe(
      'hello\n\n[openai/gpt-5-mini · medium · 12 in, 1,034 out · $0.000123456 · 813 ms · req_0123456789]',
    );
    expect(structured).toEqual({
      text: 'hello',
      model: 'openai/gpt-5-mini',
      provider: 'openai',
      tier: 'medium',
      finish_reason: 'stop',
      usage: {
        input_tokens: 12,
        output_tokens: 1_034,
        cached_input_tokens: 2,
        reasoning_tokens: 20,
        source: 'reported',
      },
      cost_usd: 0.000123456,
      latency_ms: 813,
      cached: false,
      request_id: 'req_0123456789',
      route: { strategy: 'complexity', reason: 'tier medium by complexity' },
    });
    const parsed = await runScripted('complete', { prompt: 'hello', json_schema: { type: 'object' } });
    expect(parsed.structured).toEqual({ ...structured, data: { answer: 'hello' } });
    expect((await runScripted('complete', { prompt: 'cached' })).text).toContain('$0.00 · 813 ms · from cache');
    expect((await runScripted('complete', { prompt: 'unpriced' })).text).toContain('cost unknown');
    const dropped = await runScripted('complete', { prompt: 'dropped' });
    expect(dropped.text).toContain('813 ms · without temperature · req_');
    expect(dropped.structured).toMatchObject({ dropped_parameters: ['temperature'] });
  });

  it.each([
    ['length', 40],
    ['stop', undefined],
  ] as const)('complete: that a budget cut the answer, when that ended it: finish %s', async (unified, cut) => {
    const { gateway } = createScriptedGateway();
    const complete: typeof gateway.complete = async (request, options) => {
      const answer = await gateway.complete(request, options);
      const completion = { ...answer.completion, finishReason: { unified, raw: unified } };
      return { ...answer, completion, outputTokensCut: 40 };
    };
    const { text, structured } = await runScripted(
      'complete',
      { prompt: 'hello' },
      { gateway: { ...gateway, complete } },
    );
    expect(structured.output_cut_tokens).toBe(cut);
    expect(text.includes('cut at 40 tokens: a budget had no more left')).toBe(cut !== undefined);
  });

  it('route_preview: the decision with its reason, the candidates, the rejected', async () => {
    const { text, structured } = await runScripted('route_preview', { prompt: 'hello' });
    expect(text).toBe(
      [
        'tier medium · strategy complexity: tier medium by complexity',
        '1. openai/gpt-5-mini: first of tier medium; $0.000123 expected, $0.009 at most',
        '2. lmstudio/qwen3-8b: fallback; cost unknown',
        'not groq/llama-3.3-70b: rests for 12 s',
      ].join('\n'),
    );
    const [expensive, unpriced] = PLAN.candidates;
    expect(structured).toEqual({
      tier: 'medium',
      evidence: [
        { feature: 'question words', value: '2', weight: 0.4 },
        { feature: 'language', value: 'en', weight: 0 },
      ],
      strategy: 'complexity',
      reason: 'tier medium by complexity',
      candidates: [
        {
          model: expensive?.model.ref,
          reason: 'first of tier medium',
          cost_usd_expected: 0.000123,
          cost_usd_max: 0.009,
        },
        { model: unpriced?.model.ref, reason: 'fallback', cost_usd_expected: null, cost_usd_max: null },
      ],
      rejected: [{ model: 'groq/llama-3.3-70b', reason: 'rests for 12 s' }],
      cached: false,
    });
  });

  it('provider_status: a line each', async () => {
    const { text, structured } = await runScripted('provider_status', {}, { nowMs: () => NOW_MS });
    expect(text).toBe(
      [
        'openai  degraded  97.5% of 120 requests succeeded · p50 812 ms · p95 2,100 ms · breaker half-open · rests 5 s more · key primary cooling (rate_limited) · last error rate_limited at 2026-11-30T11:59:00.000Z: Too many requests.',
        'ollama  unknown   no traffic in 24 h · lists 1 model',
      ].join('\n'),
    );
    expect(structured).toEqual({
      providers: [
        {
          id: 'openai',
          kind: 'openai',
          status: 'degraded',
          success_rate: 0.975,
          latency_ms: { p50: 812.4, p95: 2_100 },
          requests: 120,
          breaker: 'half-open',
          cooldown_until: '2026-11-30T12:00:05.000Z',
          keys: [
            { name: 'primary', status: 'cooling', until: '2026-11-30T12:00:05.000Z', reason: 'rate_limited' },
            { name: 'spare', status: 'ready' },
          ],
          last_error: { code: 'rate_limited', message: 'Too many requests.', at: '2026-11-30T11:59:00.000Z' },
        },
        { id: 'ollama', kind: 'ollama', status: 'unknown', requests: 0, breaker: 'closed', probed_models: 1 },
      ],
    });
  });

  it('cost_report: totals, groups and the baseline that was asked for', async () => {
    const { text, structured } = await runScripted('cost_report', {
      group_by: 'model',
      baseline: 'anthropic/claude-opus',
    });
    expect(text).toBe(
      [
        '2026-11-30T00:00:00.000Z to 2026-11-30T12:00:00.000Z',
        '$0.012345 spent, -$0.000005 of it by corrections · $0.004 saved by cache',
        '12 requests · 14 attempts, 2 failed · 3 cache hits · tokens 1,234 in, 567 out',
        '2 requests without a known price, not in the sum',
        '  2026-11-30T11:00:00.000Z openai/gpt-5-mini att_1: its end is unknown, $0.009 at most',
        '  2026-11-30T10:00:00.000Z lmstudio/qwen3-8b att_0: price unknown',
        '  and 10 more',
        'expected cost: off by 13% at the median',
        'by model:',
        '  openai/gpt-5-mini  $0.012345  12 requests  1,234 in, 567 out  2 unpriced',
        'budget daily: $0.012 of $0.02 (75%) · $0.003 reserved · 1 attempt without a price · resets 2026-12-01T00:00:00.000Z · about $0.024 by then at this pace',
        'budget teams of red: $0.00 of $1.00 (0.4%) · $0.004 held as unknown',
        'the same traffic on anthropic/claude-opus: $0.12, so $0.107655 saved',
      ].join('\n'),
    );
    expect(structured).toMatchObject({
      totals: {
        failed_attempts: 2,
        cost_usd: 0.012345,
        saved_by_cache_usd: 0.004,
        unpriced_requests: 2,
        unknown_attempts: 1,
      },
      budgets: [
        { name: 'daily', limit_usd: 0.02, spent_usd: 0.012, share: 0.75, resets_at: '2026-12-01T00:00:00.000Z' },
        { name: 'teams', key: 'red', unknown_usd: 0.004 },
      ],
      unpriced: [{ attempt_id: 'att_0', cost_usd_max: null }],
      unknown: [{ attempt_id: 'att_1', cost_usd_max: 0.009 }],
      open_omitted: 10,
      prediction: { attempts: 11, median_error: 0.125, median_bias: -0.03, above_max: 0 },
      groups: [{ key: 'openai/gpt-5-mini', cost_usd: 0.012345 }],
      baseline: { model: 'anthropic/claude-opus', cost_usd: 0.12, saved_usd: 0.107655 },
    });
    expect((await runScripted('cost_report', {})).structured).not.toHaveProperty('baseline');
  });

  it('list_models: those of a tier first, 50 rows, unless the caller wants all', async () => {
    const { text, structured } = await runScripted('list_models', {});
    expect(text.split('\n').slice(0, 2)).toEqual([
      'openai/gpt-5-mini  400,000 tokens  $0.25 in, $2.00 out  not available now · tiers medium complex · tools vision json-schema',
      'lmstudio/qwen3-8b  8,192 tokens    price unknown',
    ]);
    expect(text).toMatch(/12 more; narrow with provider, capability or query\.$/);
    expect(structured.models).toHaveLength(50);
    expect((structured.models as object[])[0]).toEqual({
      model: 'openai/gpt-5-mini',
      context_tokens: 400_000,
      price: { input_per_mtok: 0.25, output_per_mtok: 2, cached_input_per_mtok: 0.025 },
      capabilities: ['tools', 'vision', 'json-schema'],
      tiers: ['medium', 'complex'],
      available: false,
    });
    const all = await runScripted('list_models', {}, { rowsMax: Number.POSITIVE_INFINITY });
    const spare = (all.structured.models as { model: string }[]).slice(2).map(({ model }) => model);
    expect(spare).toHaveLength(60);
    expect(spare).toEqual(spare.toSorted());
    expect(all.structured).not.toHaveProperty('omitted');
  });

  it('embed: number and size, the vectors only in the structure', async () => {
    const { text, structured } = await runScripted('embed', { input: 'hello' });
    expect(text).toMatch(/^1 embedding of 3 dimensions \[openai\/embed-small · 3 in · cost unknown · req_/);
    expect(structured).toMatchObject({ embeddings: [[0, 0.5, -0.5]], usage: { input_tokens: 3 }, cost_usd: null });
  });
});

describe('a failure', () => {
  it.each(ERROR_CODES)('%s says whether to retry and what to do, in its text alone and in its fields alone', (code) => {
    const { text, structured } = renderFailure(new GatewayError(code, 'It went wrong.'));
    const [first, retry, advice] = text.split('\n');
    expect(first).toBe(`It went wrong. (${code})`);
    expect(retry).toMatch(structured.retryable ? /^Retry: yes/ : /^Retry: no/);
    expect(advice).toMatch(/^[A-Z"p].{8,}\.$/);
    expect(structured.hint).toBe(advice);
  });

  it.each([
    [90, '90 ms'],
    [999.2, '1000 ms'],
    [1_001, '2 s'],
    [119_500, '120 s'],
    [3_600_000, '60 min'],
  ])('tells a wait of %d ms as %s, never too short', (retryAfterMs, told) => {
    expect(renderFailure(new GatewayError('rate_limited', 'No.', { retryAfterMs })).text).toContain(`in ${told}.`);
  });

  it('inside a tool is logged by its places and never by its message', async () => {
    const logged: object[] = [];
    const log = (fields: object) => logged.push(fields);
    const logger = { debug: log, info: log, warn: log, error: log };
    const { text, structured } = await runScripted('complete', { prompt: 'defect' }, { logger });
    expect(structured.error).toMatchObject({ code: 'internal' });
    expect(logged).toMatchObject([{ tool: 'complete', errorName: 'Error' }]);
    expect((logged[0] as { stack: string[] }).stack[0]).toMatch(/^at act \(.*scripted-gateway/);
    expect(JSON.stringify([logged, text, structured])).not.toMatch(/boom|sk-live/);
  });
});

describe('the tool list', () => {
  /** A real o200k tokenizer counted within 4 % of this estimate for every tool; the margin covers it. */
  const ESTIMATE_MARGIN = 1.05;
  const weigh = (names: readonly string[] = DEFAULT_TOOLS) => {
    const chosen = TOOLS.filter(({ name }) => names.includes(name));
    const weights = chosen.map((tool) => {
      const { name, description } = tool;
      const listed = JSON.stringify({ name, description, inputSchema: tool.inputSchema() });
      return { name, tokens: Math.ceil(estimateTokenCount(listed) * ESTIMATE_MARGIN) };
    });
    return { weights, total: weights.reduce((sum, { tokens }) => sum + tokens, 0) };
  };

  it('weighs at most 1,500 tokens, its core at most 1,000', () => {
    const all = weigh();
    const core = weigh(['complete', 'provider_status', 'cost_report', 'route_preview']);
    const parts = all.weights.map(({ name, tokens }) => `${name} ${tokens}`).join(', ');
    process.stdout.write(`tool list: ${all.total} tokens of 1,500, core ${core.total} of 1,000 (${parts})\n`);
    expect(all.total).toBeLessThanOrEqual(1_500);
    expect(core.total).toBeLessThanOrEqual(1_000);
  });

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))('%s is complete and strict', (name, tool) => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(tool.title).not.toBe('');
    expect(tool.description.length).toBeLessThanOrEqual(200);
    expect(Object.keys(tool.annotations)).toEqual([
      'readOnlyHint',
      'destructiveHint',
      'idempotentHint',
      'openWorldHint',
    ]);
    expect(tool.inputSchema()).toMatchObject({ type: 'object', additionalProperties: false });
    expect(tool.outputSchema()).toMatchObject({ type: 'object', properties: { error: { type: 'object' } } });
    const schemas = JSON.stringify([tool.inputSchema(), tool.outputSchema()]);
    expect(schemas).not.toMatch(/"\$schema"|"\$ref"|"type":\[|"exclusive/);
  });

  it('says that the tools that spend money are not read-only', () => {
    const spending = TOOLS.filter(({ annotations }) => !annotations.readOnlyHint).map(({ name }) => name);
    expect(spending).toEqual(['complete', 'embed']);
  });

  it('names no model or provider that could go stale in its schemas', () => {
    const inputs = JSON.stringify(TOOLS.map((tool) => tool.inputSchema()));
    expect(inputs).not.toMatch(/gpt|claude|gemini|llama|openai|anthropic/i);
  });
});
