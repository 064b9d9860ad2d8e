import type { Tier } from '../core/request.ts';

/** One request of the demo, with the answer the simulated model gives. */
export type DemoQuestion = { readonly tier: Tier; readonly prompt: string; readonly answer: string };

/** One for each tier, from easy to hard. */
export const QUESTIONS = [
  { tier: 'trivial', prompt: 'Hi', answer: 'Hello! How can I help you today?' },
  {
    tier: 'simple',
    prompt: 'What are your hours?',
    answer: 'We are open from 9 in the morning to 6 in the evening, Monday to Friday, and closed on public holidays.',
  },
  {
    tier: 'medium',
    prompt: 'Can you explain how photosynthesis works?',
    answer:
      'Plants take in light, water and carbon dioxide and turn them into sugar and oxygen. In the light reactions ' +
      'chlorophyll absorbs light and splits water, which sets oxygen free and stores energy in ATP and NADPH. In the ' +
      'Calvin cycle that energy builds sugar out of carbon dioxide.',
  },
  {
    tier: 'complex',
    prompt: 'Write a detailed analysis comparing React and Vue.js for enterprise applications',
    answer:
      'For large applications the two differ less in what they can do than in what they leave to you. React is a ' +
      'library: routing, state and data are choices, which suits teams with conventions of their own and the largest ' +
      'market of people and packages. Vue brings router, state and build tool from one hand, so that teams agree ' +
      'sooner and newcomers are useful earlier. Both have mature TypeScript support, server rendering and testing. ' +
      'Choose React where hiring and a broad ecosystem weigh most, Vue where a small team wants fewer decisions.',
  },
  {
    tier: 'expert',
    prompt: 'I need expert advice on optimizing database queries for a high-traffic application',
    answer:
      'Begin with measurements: take the ten statements with the largest total time, not the slowest single ones. For ' +
      'each, read the plan with actual row counts and look for the first place where estimate and reality part. Then, ' +
      'in this order: an index that covers filter and sort; fewer round trips, by batching what the application asks ' +
      'one by one; pagination by key instead of offset; shorter transactions, so that locks are not held over network ' +
      'calls. After that, separate reads that may be a second old and serve them from replicas or a cache with an ' +
      'explicit lifetime. Partition only when an index no longer fits into memory. Watch p99 latency, lock waits and ' +
      'the hit rate of the buffer cache before and after each change, and undo what does not show.',
  },
] as const satisfies readonly DemoQuestion[];

/** What a tier's model is, and who stands in for it. Names are current ones, so that real prices apply. */
export const DEMO_TIERS = {
  trivial: ['ollama/llama3.2', 'groq/openai/gpt-oss-20b'],
  simple: ['groq/openai/gpt-oss-20b', 'openai/gpt-6-luna'],
  medium: ['gemini/gemini-3.8-flash', 'openai/gpt-6-luna'],
  complex: ['anthropic/claude-sonnet-5-5', 'openai/gpt-6-sol'],
  expert: ['openai/gpt-6-sol', 'anthropic/claude-sonnet-5-5'],
} as const satisfies Record<Tier, readonly string[]>;

/** Asked again for the cache, and once more while its provider is down. */
export const REPEATED: DemoQuestion = QUESTIONS[2];
export const FAILING_PROVIDER = 'gemini';
