import type { CacheControlEphemeral, MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import type { CacheBreakpoint } from '../../core/message.ts';

/** More are refused. Source: platform.claude.com/docs/en/build-with-claude/prompt-caching. */
const BREAKPOINTS_MAX = 4;

type Cached = { cache_control?: CacheControlEphemeral | null };

/** Five minutes is what the vendor keeps unasked. */
export function toCacheControl({ cacheBreakpoint }: { readonly cacheBreakpoint?: CacheBreakpoint }): Cached {
  if (cacheBreakpoint === undefined) return {};
  return { cache_control: { type: 'ephemeral', ...(cacheBreakpoint === '1h' && { ttl: '1h' }) } };
}

/**
 * Keeps the last breakpoints: each reaches back to the start, so the later ones hold the longer prompts.
 * The vendor's order is tools, system, messages.
 */
export function withinCacheLimit(body: MessageCreateParamsBase): MessageCreateParamsBase {
  const blocks: readonly unknown[] = [
    ...(body.tools ?? []),
    ...(Array.isArray(body.system) ? body.system : []),
    ...body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])),
  ];
  const cached = blocks.filter(
    (block): block is Cached => typeof block === 'object' && block !== null && 'cache_control' in block,
  );
  for (const block of cached.slice(0, -BREAKPOINTS_MAX)) delete block.cache_control;
  return body;
}
