import type { Provider, ProviderSettings } from '../../core/provider.ts';
import { createChatProvider } from '../shared/openai-wire/chat-provider.ts';
import type { Transport } from '../shared/transport/transport.ts';
import { connectGroq } from './groq-client.ts';
import { groqEffort, writesThinkTags } from './groq-effort.ts';
import { classifyGroqFailure } from './groq-failure.ts';

/** Groq, over its own SDK. It has no embeddings. */
export function createGroqProvider(settings: ProviderSettings, transport: Transport): Promise<Provider> {
  const dialect = {
    kind: 'groq',
    tokenLimitFields: ['max_completion_tokens', 'max_tokens'],
    effort: groqEffort,
    separatesReasoning: writesThinkTags,
    // It reports under `x_groq` without being asked.
    asksForUsage: false,
    endsWithDone: true,
    classify: classifyGroqFailure,
    connect: connectGroq,
  } as const;
  return createChatProvider(dialect, settings, transport);
}
