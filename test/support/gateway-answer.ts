import type { Completion } from '../../src/core/completion.ts';
import type { CallId } from '../../src/core/ids.ts';
import type { Usage } from '../../src/core/usage.ts';
import type { GatewayAnswer } from '../../src/gateway/gateway.ts';

export const USAGE: Usage = {
  inputTokens: 7,
  cachedInputTokens: 2,
  cacheWriteTokens: 1,
  outputTokens: 5,
  reasoningTokens: 3,
  source: 'reported',
};

/** What the gateway answers when a model said this; it ends as its content has it, unless a reason is given. */
export function answerOf({ content = [], ...more }: Partial<Completion> = {}): GatewayAnswer {
  const unified = content.some(({ type }) => type === 'tool-call') ? 'tool_calls' : 'stop';
  return {
    requestId: 'req_0123456789abcdef0123456789abcdef' as CallId,
    completion: { content, finishReason: { unified, raw: unified }, usage: USAGE, model: 'm', ...more },
    model: 'main/m',
    plan: {
      strategy: 'complexity',
      evidence: [],
      reason: 'a test',
      candidates: [],
      rejected: [],
      inputTokensEstimated: 77,
      configHash: 'test',
    },
    cache: 'miss',
    droppedParameters: [],
    latencyMs: 1,
    attempts: [],
  };
}
