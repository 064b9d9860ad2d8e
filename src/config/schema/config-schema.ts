import * as z from 'zod';
import { CAPABILITIES, PROVIDER_KINDS } from '../../core/model.ts';
import { STRATEGIES } from '../../core/request.ts';
import { DEFAULT_TOOLS, TOOL_NAMES } from '../../core/tool-names.ts';
import { alertsSchema } from './alerts-schema.ts';
import { COST_TARGET_KEYS } from './cost-target-schema.ts';
import { nameSchema } from './name-schema.ts';
import { priceSchema } from './price-schema.ts';
import { budgetSchema, rateLimitSchema } from './quota-schema.ts';
import { serverSchema } from './server-schema.ts';
import { verifySchema } from './verify-schema.ts';

/** Strategies that are reserved, and not there yet. */
const LATER_STRATEGIES: readonly unknown[] = ['latency', 'round_robin', 'weighted', 'least_busy', 'manual'];
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const DAY_MS = 86_400_000;
const NOT_YET = 'is not available yet; leave it out';

const text = z.string().min(1);
const milliseconds = z.int().min(1).max(DAY_MS);
const modelList = z.array(text).max(100);
/** The sum of many still is a number. */
const WEIGHT_MAX = 1_000_000;

/** A key that is reserved, and refused until it does something. */
function later() {
  return z
    .unknown()
    .refine((value) => value === undefined, NOT_YET)
    .optional()
    .describe('Reserved: not available yet.');
}

/** A list whose entries come later; the example shows its place. */
function noneYet() {
  return z
    .array(z.unknown())
    .refine((list) => list.length === 0, NOT_YET)
    .optional()
    .describe('Reserved: not available yet.');
}

const keySchema = z.strictObject({
  name: nameSchema.describe('Shown in status and books instead of the key.'),
  value: z.string().describe(`The key: "\${NAME}", "file:/path", or (better not) the key itself.`),
  weight: z
    .number()
    .positive()
    .max(WEIGHT_MAX)
    .default(1)
    .describe('Its share of the requests, relative to the other keys.'),
  models: z.array(text).min(1).optional().describe("Only these models, by the vendor's names."),
  account: nameSchema.optional().describe('Keys of one account share its rate limits.'),
});

const providerSchema = z.strictObject({
  kind: z.enum(PROVIDER_KINDS).describe('The dialect the provider speaks.'),
  baseUrl: text.optional().describe('Where it is, when not at the usual place.'),
  apiKey: z.string().optional().describe(`Its only key: "\${NAME}" or "file:/path".`),
  keys: z.array(keySchema).min(1).max(100).optional().describe('Several keys; they share the requests by weight.'),
  headers: z.record(z.string(), z.string()).optional().describe('Sent with every request.'),
  enabled: z.boolean().default(true).describe('false keeps it in the file but out of use.'),
});

const modelSchema = z.strictObject({
  price: priceSchema.optional().describe('US dollars per million tokens.'),
  contextTokens: z.int().min(1).max(100_000_000).optional().describe('Input and output together.'),
  outputTokensMax: z.int().min(1).max(100_000_000).optional().describe('The longest answer.'),
  capabilities: z.array(z.enum(CAPABILITIES)).optional().describe('Beyond text in, text out. Replaces what is known.'),
  quality: z.number().min(0).max(1).optional().describe('0 to 1, for the strategy "quality".'),
  priority: z.number().optional().describe('Smaller is preferred by the strategy "priority".'),
  weight: z
    .number()
    .positive()
    .max(WEIGHT_MAX)
    .optional()
    .describe('For the strategy "weighted", which is not available yet.'),
  tags: z.array(text).optional().describe('"local": one that loads first, and gets limits.firstTokenSlowMs for it.'),
});

const routingSchema = z.strictObject({
  strategy: z
    .enum(STRATEGIES, {
      error: ({ input }) => (LATER_STRATEGIES.includes(input) ? `strategy "${String(input)}" ${NOT_YET}` : undefined),
    })
    .default('complexity')
    .describe('How the chosen list is ranked; "complexity" keeps the order written.'),
  tiers: z
    .strictObject({
      trivial: modelList.optional(),
      simple: modelList.optional(),
      medium: modelList.optional(),
      complex: modelList.optional(),
      expert: modelList.optional(),
    })
    .optional()
    .describe('Models for each tier, in order, as provider/model or alias. Left out: chosen from what is configured.'),
  tasks: z
    .strictObject({
      general: modelList.optional(),
      reasoning: modelList.optional(),
      code: modelList.optional(),
      summarize: modelList.optional(),
      vision: modelList.optional(),
      realtime: modelList.optional(),
      local: modelList.optional(),
    })
    .optional()
    .describe('Models for each task, in order.'),
  fallback: modelList.optional().describe('Tried last, after the list of the tier or task.'),
  aliases: z.record(z.string(), text).optional().describe('Names of your own for provider/model.'),
  unsupportedParameters: z
    .enum(['reject', 'drop'])
    .default('reject')
    .describe(
      'A parameter that a model cannot honour: "reject" takes another model or refuses, "drop" leaves it out, and fields of a request that nobody knows.',
    ),
  verify: verifySchema
    .optional()
    .describe('Checks answers, and asks a stronger model when one is doubted. Left out: answers stand as they are.'),
  ...COST_TARGET_KEYS,
  rules: noneYet(),
  tests: noneYet(),
  manual: later(),
});

/** `mcp.config.json`, as written by people: references unresolved, defaults filled in. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  dataDir: text
    .regex(/^\P{Cc}+$/u, 'holds a control character')
    .regex(/\S/, 'must not be empty')
    .optional()
    .describe("Where books and cache are kept; the platform's usual place by default."),
  providers: z.record(z.string(), providerSchema).default({}).describe('By a name of your own.'),
  models: z
    .record(z.string(), modelSchema)
    .default({})
    .describe('By provider/model; adds to and overrides what is known.'),
  routing: routingSchema.prefault({}).describe('Which models answer a request, and in what order.'),
  cache: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Whether equal requests are answered from the cache, and those under way at once by one call.'),
      ttl: text.default('7d').describe('How long an answer is kept: "90s", "12h", "7d", "2w".'),
      maxBytes: z
        .union([text, z.int().min(0)])
        .default('256MB')
        .describe('"64MB", "1GB", or a number of bytes.'),
    })
    .prefault({})
    .describe('Answers that are kept for equal requests.'),
  limits: z
    .strictObject({
      attemptsMax: z.int().min(1).max(10).optional().describe('Upstream attempts of one request (3).'),
      connectMs: milliseconds.optional().describe('To reach a provider (5000).'),
      firstTokenMs: milliseconds
        .optional()
        .describe('Until the first content of an answer (30000), unless HTTP asks for it without a stream.'),
      firstTokenSlowMs: milliseconds.optional().describe('firstTokenMs of reasoning models and local ones (120000).'),
      idleMs: milliseconds
        .optional()
        .describe('Between two signs of life of an answer (30000), unless HTTP asks for it without a stream.'),
      totalMs: milliseconds.optional().describe('For the whole request, with all its attempts (600000).'),
      queue: z
        .strictObject({
          max: z.int().min(0).max(10_000).optional().describe('So many requests may wait (100); 0: none does.'),
          waitMs: milliseconds.optional().describe('Nobody waits longer (10000).'),
        })
        .prefault({})
        .describe('Requests that wait for a rate limit, or for a provider that is asked as much as it takes.'),
    })
    .prefault({})
    .describe('Bounds of one request, times in milliseconds; in brackets what counts when one is left out.'),
  server: serverSchema.prefault({}).describe('How "signalbox serve" meets the network.'),
  tools: z
    .strictObject({
      enabled: z
        .array(z.enum(TOOL_NAMES))
        .min(1)
        .default([...DEFAULT_TOOLS]),
    })
    .prefault({})
    .describe('What MCP clients are offered.'),
  log: z
    .strictObject({
      level: z
        .enum(LOG_LEVELS)
        .optional()
        .describe('"info" by default in "signalbox serve", where each request is a line; "warn" elsewhere.'),
      content: z.literal(false, NOT_YET).optional().describe('Reserved: not available yet.'),
    })
    .prefault({})
    .describe('The log on standard error.'),
  telemetry: z
    .strictObject({
      otlpEndpoint: text
        .optional()
        .describe('Traces go to this OpenTelemetry collector; else to what OTEL_EXPORTER_OTLP_ENDPOINT names.'),
    })
    .prefault({})
    .describe('Traces of requests.'),
  learning: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe(
          'Tiers follow what turns out: answers that failed their check or a schema, and what "signalbox learn" is told.',
        ),
    })
    .prefault({}),
  rulesFile: later(),
  budgets: z
    .array(budgetSchema)
    .max(100)
    .default([])
    .describe('Limits of money; all that concern a request must allow it.'),
  rateLimits: z
    .array(rateLimitSchema)
    .max(100)
    .default([])
    .describe('Limits of traffic, kept by all processes of the data folder together.'),
  experiments: later(),
  objectives: later(),
  verify: later(),
  alerts: alertsSchema.default([]).describe('What the operator is told of, beside the defaults: docs/alerts.md.'),
  agent: later(),
  memory: later(),
  mcpServers: later(),
});

export type ConfigInput = z.infer<typeof configSchema>;
export type ProviderInput = ConfigInput['providers'][string];
