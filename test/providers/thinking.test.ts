import { describe, expect, it } from 'vitest';
import { toThinkingState } from '../../src/core/content/signed-thinking.ts';
import type { Message, VendorState } from '../../src/core/message.ts';
import type { ProviderKind } from '../../src/core/model.ts';
import type { ChatParameters, ReasoningEffort } from '../../src/core/parameters.ts';
import type { ProviderRequest } from '../../src/core/provider.ts';
import { toAnthropicThinking } from '../../src/providers/anthropic/to-anthropic-thinking.ts';
import { toGeminiThinking } from '../../src/providers/gemini/to-gemini-thinking.ts';
import { groqEffort } from '../../src/providers/groq/groq-effort.ts';
import { promptBounds } from '../../src/providers/ollama/ollama-context.ts';
import { toOllamaRequest } from '../../src/providers/ollama/to-ollama-request.ts';
import { openAiEffort } from '../../src/providers/openai/openai-effort.ts';
import { modelOf } from './harness.ts';

const OFF = { thinking: { type: 'off' } } as const;
const ADAPTIVE = { thinking: { type: 'adaptive' } } as const;
const budget = (budgetTokens: number) => ({ thinking: { type: 'enabled', budgetTokens } }) as const;
const effort = (reasoningEffort: ReasoningEffort) => ({ reasoningEffort });

function request(kind: ProviderKind, name: string, parameters: ChatParameters, more = {}): ProviderRequest {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] as const;
  return { model: modelOf(kind, ['reasoning', 'tools'], name), messages, ...parameters, ...more };
}

describe('thinking, as each vendor is asked for it', () => {
  it.each([
    ['gpt-5.4', effort('xhigh'), 'xhigh'],
    ['gpt-5.4', OFF, 'none'],
    ['gpt-6-sol', OFF, 'none'],
    ['gpt-6-astra', OFF, 'low'],
    ['gpt-6.2-sol', OFF, 'low'],
    ['gpt-5', OFF, 'minimal'],
    ['o3', OFF, 'low'],
    ['o3', ADAPTIVE, undefined],
    ['gpt-5', budget(1_024), 'low'],
    ['gpt-5', budget(30_000), 'high'],
    ['gpt-5', { ...effort('minimal'), ...budget(30_000) }, 'minimal'],
  ])('OpenAI, %s: %j is the effort %s', (name, parameters, expected) => {
    expect(openAiEffort(request('openai', name, parameters))).toBe(expected);
  });

  it.each([
    ['openai/gpt-oss-20b', effort('max'), 'high'],
    ['openai/gpt-oss-20b', OFF, 'low'],
    ['qwen/qwen3.8-27b', effort('none'), 'none'],
    ['qwen/qwen3.8-27b', effort('xhigh'), 'high'],
    ['qwen/qwen3-32b', effort('low'), 'default'],
    ['qwen/qwen3-32b', OFF, 'none'],
    ['qwen/qwen3-32b', ADAPTIVE, undefined],
  ])('Groq, %s: %j is the effort %s', (name, parameters, expected) => {
    expect(groqEffort(request('groq', name, parameters))).toBe(expected);
  });

  it.each([
    ['claude-haiku-4-5', budget(2_000), { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    // No more than the answer may have, whatever cut that.
    ['claude-haiku-4-5', budget(20_000), { thinking: { type: 'enabled', budget_tokens: 9_999 } }],
    ['claude-haiku-4-5-20251001', ADAPTIVE, {}],
    ['claude-haiku-4-5', effort('low'), { thinking: { type: 'enabled', budget_tokens: 2_048 } }],
    ['claude-haiku-4-5', effort('max'), { thinking: { type: 'enabled', budget_tokens: 9_999 } }],
    ['claude-opus-4', budget(2_000), { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    ['claude-sonnet-4-6', budget(2_000), { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    ['claude-sonnet-4-6', ADAPTIVE, { thinking: { type: 'adaptive' } }],
    ['claude-opus-4-7', budget(9_000), { thinking: { type: 'adaptive', display: 'summarized' }, effort: 'high' }],
    ['claude-opus-4-10', budget(100), { thinking: { type: 'adaptive', display: 'summarized' }, effort: 'low' }],
    [
      'claude-opus-5-5',
      { thinking: { type: 'adaptive', display: 'summarized' } },
      { thinking: { type: 'adaptive', display: 'summarized' } },
    ],
    [
      'claude-opus-5-5',
      { ...effort('low'), thinking: { type: 'adaptive', display: 'summarized' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, effort: 'low' },
    ],
    [
      'claude-opus-4-7',
      { thinking: { type: 'enabled', budgetTokens: 9_000, display: 'omitted' } },
      { thinking: { type: 'adaptive', display: 'omitted' }, effort: 'high' },
    ],
    ['claude-opus-5-5', effort('minimal'), { thinking: { type: 'adaptive' }, effort: 'low' }],
    ['claude-opus-5', effort('none'), { thinking: { type: 'disabled' } }],
    ['claude-opus-5', OFF, { thinking: { type: 'disabled' } }],
    ['claude-fable-5-1', OFF, {}],
    ['claude-opus-5-5', OFF, {}],
    ['claude-sonnet-5-5', OFF, { thinking: { type: 'between_tools' } }],
    ['claude-sonnet-5-5', effort('none'), { thinking: { type: 'between_tools' } }],
    ['claude-haiku-5-5', OFF, { thinking: { type: 'disabled' } }],
    ['claude-opus-5', {}, {}],
  ] as const)('Anthropic, %s: %j is %j', (name, parameters, expected) => {
    expect(toAnthropicThinking(request('anthropic', name, parameters), 10_000)).toEqual(expected);
  });

  it('Anthropic starts no thinking of ours where a tool is forced, or in too little room', () => {
    const tools = [{ name: 'look', inputSchema: { type: 'object' } }];
    const forced = request('anthropic', 'claude-opus-5', effort('high'), { tools, toolChoice: 'required' });
    expect(toAnthropicThinking(forced, 10_000)).toEqual({ effort: 'high' });
    expect(toAnthropicThinking(request('anthropic', 'claude-haiku-4-5', effort('high')), 500)).toEqual({});
    expect(toAnthropicThinking(request('anthropic', 'claude-haiku-4-5', budget(2_000)), 500)).toEqual({});
  });

  it.each([
    ['budget', budget(2_000)],
    ['effort', effort('high')],
  ])(
    'Anthropic is asked for no %s while a turn lasts that began without its thinking, and goes on where it did',
    (_, asked) => {
      const call = { type: 'tool-call', id: 'a', name: 'look', argumentsJson: '{}' } as const;
      const results = {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'look', text: '' }],
      } as const;
      const user = { role: 'user', content: [{ type: 'text', text: 'Go on.' }] } as const;
      const assistant = (...content: Extract<Message, { role: 'assistant' }>['content']) =>
        ({ role: 'assistant', content }) as const;
      const thought = (vendorState?: VendorState) =>
        ({ type: 'reasoning', text: 'Hm.', ...(vendorState && { vendorState }) }) as const;
      const signed = thought(toThinkingState({ type: 'thinking', thinking: 'Hm.', signature: 'c2ln' }));
      const isSent = (...messages: Message[]) =>
        'thinking' in toAnthropicThinking(request('anthropic', 'claude-haiku-4-5', asked, { messages }), 10_000);
      expect(isSent(user, assistant(signed, call), results)).toBe(true);
      expect(isSent(user, assistant(signed, call), results, assistant(call), results, user)).toBe(true);
      expect(isSent(user, assistant(call), results, assistant({ type: 'text', text: 'So.' }), user)).toBe(true);
      expect(isSent(user, assistant(signed), user, assistant(thought(), call), results)).toBe(false);
      expect(isSent(user, assistant(thought({ kind: 'gemini', value: '{}' }), call), results, user)).toBe(false);
    },
  );

  it.each([
    ['gemini-2.5-flash', effort('none'), { thinkingBudget: 0 }],
    ['gemini-2.5-pro', OFF, { thinkingBudget: 128 }],
    ['gemini-2.5-pro', budget(50_000), { thinkingBudget: 32_768, includeThoughts: true }],
    ['gemini-2.5-flash-lite', budget(100), { thinkingBudget: 512, includeThoughts: true }],
    ['gemini-3.8-flash', OFF, { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.1-pro-preview', OFF, { thinkingLevel: 'LOW' }],
    ['gemini-4-argon', effort('max'), { thinkingLevel: 'HIGH', includeThoughts: true }],
    ['gemini-4-argon', ADAPTIVE, { includeThoughts: true }],
    ['gemini-4-argon', {}, undefined],
  ] as const)('Gemini, %s: %j is %j', (name, parameters, expected) => {
    expect(toGeminiThinking(request('gemini', name, parameters))).toEqual(expected);
  });

  it.each([
    ['qwen3:8b', effort('low'), true],
    ['qwen3:8b', OFF, false],
    ['qwen3:8b', ADAPTIVE, undefined],
    ['gpt-oss:20b', effort('minimal'), 'low'],
    ['gpt-oss:20b', effort('medium'), 'medium'],
    ['gpt-oss:20b', budget(20_000), 'high'],
  ] as const)('Ollama, %s: %j is think %s', (name, parameters, expected) => {
    const asked = request('ollama', name, parameters);
    expect(toOllamaRequest(asked, promptBounds(asked)).think).toBe(expected);
  });
});
