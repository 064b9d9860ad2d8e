import { QUESTIONS } from './scenario.ts';
import { ANTHROPIC_WIRE } from './vendors/anthropic.ts';
import { GEMINI_WIRE } from './vendors/gemini.ts';
import { GROQ_WIRE } from './vendors/groq.ts';
import { OLLAMA_WIRE } from './vendors/ollama.ts';
import { OPENAI_WIRE } from './vendors/openai.ts';
import type { Pace } from './vendors/scripted.ts';
import { type SimulatedVendor, startSimulatedVendor, tokensIn } from './vendors/simulated-vendor.ts';
import type { VendorWire } from './vendors/vendor-wire.ts';

type Stand = { readonly wire: VendorWire; readonly models: readonly string[]; readonly pace: Pace };

/** By the name the provider has in the demo's configuration. The paces differ as the vendors' do. */
const STANDS = {
  ollama: { wire: OLLAMA_WIRE, models: ['llama3.2'], pace: { firstMs: 40, frameMs: 8 } },
  groq: { wire: GROQ_WIRE, models: ['openai/gpt-oss-20b'], pace: { firstMs: 60, frameMs: 1 } },
  gemini: { wire: GEMINI_WIRE, models: ['gemini-3.8-flash'], pace: { firstMs: 90, frameMs: 2 } },
  openai: { wire: OPENAI_WIRE, models: ['gpt-6-luna', 'gpt-6-sol'], pace: { firstMs: 150, frameMs: 2 } },
  anthropic: { wire: ANTHROPIC_WIRE, models: ['claude-sonnet-5-5'], pace: { firstMs: 180, frameMs: 3 } },
} as const satisfies Record<string, Stand>;

export type DemoVendorName = keyof typeof STANDS;
export const DEMO_VENDORS = Object.keys(STANDS) as readonly DemoVendorName[];

/** No secret: it opens nothing but the simulated vendors. */
export const DEMO_KEY = 'simulated-key';

/** What the vendors themselves count, to hold our books against. */
export type VendorBooks = {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

export type DemoVendors = {
  readonly baseUrl: (name: DemoVendorName) => string;
  /** From now on it answers every question with 503. */
  readonly takeDown: (name: DemoVendorName) => void;
  readonly books: () => VendorBooks;
  readonly close: () => Promise<void>;
};

/** Starts one simulated vendor of each kind on loopback. */
export async function startDemoVendors(): Promise<DemoVendors> {
  const down = new Set<DemoVendorName>();
  const vendors = new Map<DemoVendorName, SimulatedVendor>();
  for (const name of DEMO_VENDORS) {
    const { wire, models, pace } = STANDS[name];
    const vendor = await startSimulatedVendor(wire, {
      models,
      pace,
      answer: ({ prompt, transcript }) => {
        if (down.has(name)) return { failure: 'unavailable' };
        const text = QUESTIONS.find((question) => question.prompt === prompt)?.answer ?? 'I have no script for that.';
        return { text, usage: usageOf(transcript, text) };
      },
    });
    vendors.set(name, vendor);
  }
  return {
    baseUrl: (name) => vendors.get(name)?.baseUrl ?? '',
    takeDown: (name) => down.add(name),
    books: () => addUp([...vendors.values()]),
    close: async () => {
      await Promise.all([...vendors.values()].map((vendor) => vendor.close()));
    },
  };
}

function usageOf(transcript: string, text: string) {
  return {
    inputTokens: tokensIn(transcript),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: tokensIn(text),
    reasoningTokens: 0,
  };
}

function addUp(vendors: readonly SimulatedVendor[]): VendorBooks {
  const chats = vendors.flatMap(({ requests }) => requests.filter(({ call }) => call?.type === 'chat'));
  const sum = (of: (usage: NonNullable<(typeof chats)[number]['usage']>) => number) =>
    chats.reduce((total, { usage }) => total + (usage ? of(usage) : 0), 0);
  return {
    requests: chats.length,
    inputTokens: sum((usage) => usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens),
    outputTokens: sum((usage) => usage.outputTokens),
  };
}
