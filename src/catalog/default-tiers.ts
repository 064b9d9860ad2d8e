import type { ProviderKind } from '../core/model.ts';
import type { Task, Tier } from '../core/request.ts';

/**
 * Which models serve a tier or a task when the configuration does not say: in this order, those
 * whose vendor is configured. `local` stands for the models of this machine. Chosen on the day of
 * `FACTS_DATE` from models that are generally available, by price for the small tiers and by
 * quality for the large ones, several vendors each so that one can stand in for another. The table
 * in docs/models.md is compared with this one by a test.
 */
export type DefaultChoice = 'local' | { readonly kind: ProviderKind; readonly name: string };

const GPT_OSS_20B = { kind: 'groq', name: 'openai/gpt-oss-20b' } as const;
const GPT_OSS_120B = { kind: 'groq', name: 'openai/gpt-oss-120b' } as const;
const QWEN = { kind: 'groq', name: 'qwen/qwen3.8-27b' } as const;
const FLASH_LITE = { kind: 'gemini', name: 'gemini-3.5-flash-lite' } as const;
const FLASH = { kind: 'gemini', name: 'gemini-3.8-flash' } as const;
const ARGON = { kind: 'gemini', name: 'gemini-4-argon' } as const;
const LUNA = { kind: 'openai', name: 'gpt-6-luna' } as const;
/** Takes tools on Chat Completions (with the effort `none`), which its successors do not. */
const SOL_WITH_TOOLS = { kind: 'openai', name: 'gpt-6-sol' } as const;
const SOL = { kind: 'openai', name: 'gpt-6.2-sol' } as const;
const ASTRA = { kind: 'openai', name: 'gpt-6-astra' } as const;
const HAIKU = { kind: 'anthropic', name: 'claude-haiku-5-5' } as const;
const SONNET = { kind: 'anthropic', name: 'claude-sonnet-5-5' } as const;
const OPUS = { kind: 'anthropic', name: 'claude-opus-5-5' } as const;

export const DEFAULT_TIERS = {
  trivial: ['local', GPT_OSS_20B, LUNA, HAIKU, FLASH_LITE],
  simple: ['local', LUNA, HAIKU, GPT_OSS_120B, FLASH_LITE],
  medium: [FLASH, HAIKU, SOL_WITH_TOOLS, GPT_OSS_120B, 'local'],
  complex: [SONNET, SOL, SOL_WITH_TOOLS, FLASH, QWEN, 'local'],
  expert: [OPUS, ARGON, SOL, ASTRA, QWEN, 'local'],
} as const satisfies Record<Tier, readonly DefaultChoice[]>;

export const DEFAULT_TASKS = {
  reasoning: [OPUS, ARGON, SOL, ASTRA, QWEN],
  code: [SONNET, SOL, SOL_WITH_TOOLS, FLASH, QWEN],
  summarize: [LUNA, HAIKU, FLASH_LITE, GPT_OSS_120B, 'local'],
  vision: [FLASH, HAIKU, LUNA, SONNET, QWEN, 'local'],
  realtime: [GPT_OSS_20B, GPT_OSS_120B, LUNA, HAIKU, FLASH_LITE],
  local: ['local'],
} as const satisfies Partial<Record<Task, readonly DefaultChoice[]>>;

/** Tried when every model of the list failed: one of each vendor, and this machine without any. */
export const DEFAULT_FALLBACK = [
  FLASH,
  SONNET,
  SOL_WITH_TOOLS,
  GPT_OSS_120B,
  'local',
] as const satisfies readonly DefaultChoice[];
