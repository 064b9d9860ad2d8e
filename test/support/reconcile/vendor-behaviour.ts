import type { ProviderKind } from '../../../src/core/model.ts';
import type { ScriptedAnswer, ScriptedUsage, VendorCall } from '../../../src/demo/vendors/scripted.ts';
import type { VendorRequest } from '../../../src/demo/vendors/simulated-vendor.ts';
import type { Step } from '../fake-upstream.ts';
import { pick, seededRandom, seedOf } from '../seeded-random.ts';
import { tagIn } from './vendor-books.ts';

type ChatCall = Extract<VendorCall, { type: 'chat' }>;

/** What a model writes at most when nothing caps it; the configuration says so of each. */
export const OUTPUT_TOKENS_MAX = 400;

/**
 * How a vendor behaves, by nothing but the seed, the work and how often that came: the same schedule meets the same
 * faults whichever process calls first. Some calls use all they may, so that a limit that is too low would be passed.
 */
export function behaviour(kind: ProviderKind, seed: number): (request: VendorRequest) => Step {
  const seen = new Map<string, number>();
  return ({ call }) => {
    if (!call || call.type === 'models') return {};
    const tag = tagIn(call.type === 'chat' ? call.transcript : call.input.join(' '));
    const count = (seen.get(tag) ?? 0) + 1;
    seen.set(tag, count);
    const random = seededRandom(seedOf(`${seed} ${kind} ${tag} ${count}`));
    if (call.type === 'embed') return random() < 0.1 ? { say: { failure: 'server_error' } } : {};
    return { say: answerTo(call, kind, random), ...faultOf(random) };
  };
}

function answerTo(call: ChatCall, kind: ProviderKind, random: () => number): ScriptedAnswer {
  const cap = Math.min(call.maxOutputTokens ?? OUTPUT_TOKENS_MAX, OUTPUT_TOKENS_MAX);
  const outputTokens = random() < 0.3 ? cap : Math.max(1, Math.floor(random() * cap));
  const text = call.jsonSchema ? jsonText(random) : 'word '.repeat(Math.min(outputTokens, 12)).trim();
  const slow = random() < 0.5;
  return {
    text,
    finish: outputTokens === cap && !call.jsonSchema ? 'length' : 'stop',
    // Now and then a vendor reports nothing.
    ...(random() < 0.95 && { usage: usageOf(call, kind, { outputTokens, random }) }),
    pace: { firstMs: slow ? random() * 60 : 0, frameMs: slow ? random() * 12 : 0 },
  };
}

/** Not always what was asked for: then another one has to answer, and both are paid. */
function jsonText(random: () => number): string {
  return random() < 0.7 ? '{"answer": 42}' : 'Here you are: 42';
}

function usageOf(
  { transcript, system }: ChatCall,
  kind: ProviderKind,
  { outputTokens, random }: { readonly outputTokens: number; readonly random: () => number },
): ScriptedUsage {
  // A token is a byte at least.
  const bytes = Buffer.byteLength(transcript + system);
  const input = random() < 0.2 ? bytes : Math.ceil(bytes / 4);
  const cachedInputTokens = random() < 0.3 ? Math.floor(random() * input) : 0;
  const writes = kind === 'anthropic' && random() < 0.3;
  const cacheWriteTokens = writes ? Math.floor(random() * (input - cachedInputTokens)) : 0;
  return {
    inputTokens: input - cachedInputTokens - cacheWriteTokens,
    cachedInputTokens,
    cacheWriteTokens,
    outputTokens,
    reasoningTokens: kind === 'ollama' ? 0 : Math.floor((random() * outputTokens) / 2),
  };
}

function faultOf(random: () => number): Step {
  if (random() > 0.22) return {};
  const steps: readonly [Step, ...Step[]] = [
    { say: { failure: 'server_error' } },
    { say: { failure: 'overloaded' } },
    { say: { failure: 'rate_limited', headers: { 'retry-after': '1' } } },
    { say: { failure: 'invalid' } },
    { fault: { type: 'reset-before-headers' } },
    { fault: { type: 'reset', afterBytes: Math.floor(random() * 900) } },
    { fault: { type: 'cut', afterBytes: Math.floor(random() * 900) } },
    { fault: { type: 'no-terminal-event' } },
    { fault: { type: 'stall', afterFrames: Math.floor(random() * 4) } },
    { fault: { type: 'replace', headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' } },
  ];
  return pick(random, steps);
}
