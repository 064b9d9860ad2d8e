import type { JsonValue } from '../../core/json/json.ts';
import type { CacheBreakpoint, Message } from '../../core/message.ts';
import { readChoice, readObject, refuseUnknown } from './read-value.ts';

/** `scope` says which prompts of Anthropic's own tools share an entry; it is not for us to judge. */
const FIELDS = new Set(['type', 'ttl', 'scope']);

/** A mark of the prompt cache; undefined without one. */
export function readCacheControl(value: JsonValue | undefined, field: string): CacheBreakpoint | undefined {
  if (value === undefined || value === null) return undefined;
  const control = readObject(value, field);
  refuseUnknown(control, FIELDS, field);
  readChoice(control.type, `${field}.type`, ['ephemeral']);
  return readChoice<CacheBreakpoint>(control.ttl ?? '5m', `${field}.ttl`, ['5m', '1h']);
}

/** The mark at the top of a request stands for one on its last block that can carry it. */
export function markLastBlock(messages: readonly Message[], cacheBreakpoint: CacheBreakpoint): readonly Message[] {
  const last = messages.at(-1);
  const block = last?.content.at(-1);
  if (last === undefined || block === undefined || block.type === 'tool-call' || block.type === 'reasoning')
    return messages;
  const content = [...last.content.slice(0, -1), { ...block, cacheBreakpoint }];
  // The block keeps its type, so the message keeps its own.
  return [...messages.slice(0, -1), { ...last, content } as Message];
}
