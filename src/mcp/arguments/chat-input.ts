import * as z from 'zod';
import { STRATEGIES, TASKS, TIERS } from '../../core/request.ts';

/** The least we count. Not "above 0": some clients of Gemini's pass schemas on as they are, and it refuses all tools for an `exclusiveMinimum`. */
const COST_USD_MIN = 1e-9;

/** The arguments of `complete` and `route_preview`, as clients send them. */
export const CHAT_INPUT = z.strictObject({
  prompt: z.string().optional().describe('The question; this or messages'),
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).optional(),
  system: z.string().optional(),
  model: z.string().optional().describe('provider/model, a known model name, or auto'),
  provider: z.string().optional(),
  tier: z.enum(TIERS).optional().describe('Difficulty; judged from the text by default'),
  task: z.enum(TASKS).optional(),
  strategy: z.enum(STRATEGIES).optional(),
  max_output_tokens: z.int().min(1).max(1_000_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  json_schema: z.record(z.string(), z.unknown()).optional().describe('Answer with JSON of this object schema'),
  images: z.array(z.string()).max(20).optional().describe('data: or https: URLs'),
  max_cost_usd: z.number().min(COST_USD_MIN).max(1_000_000).optional(),
  deadline_ms: z.number().min(1).max(86_400_000).optional(),
  cache: z.enum(['use', 'refresh', 'off']).optional(),
  fallback: z.boolean().optional().describe('May a forced model or provider be left?'),
  metadata: z.record(z.string(), z.string()).optional(),
});

export type ChatInput = z.output<typeof CHAT_INPUT>;
