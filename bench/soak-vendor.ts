import { OPENAI_WIRE } from '../src/demo/vendors/openai.ts';
import { startFakeUpstream } from '../test/support/fake-upstream.ts';

/** A vendor in a process of its own: now and then it fails, cuts or resets. Prints its address. */
const usage = { inputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 12, reasoningTokens: 0 };
const upstream = await startFakeUpstream(OPENAI_WIRE, {
  models: ['gpt-6-luna', 'gpt-6-sol'],
  otherwise: {
    text: 'An answer of a dozen words, more or less, as they come.',
    usage,
    pace: { firstMs: 1, frameMs: 1 },
  },
});
/** One after the other, for ever so many requests. */
for (let index = 0; index < 1_000_000; index += 1) {
  if (index % 23 === 0) upstream.script({ say: { failure: 'server_error' } });
  else if (index % 31 === 0) upstream.script({ fault: { type: 'reset', afterBytes: 400 } });
  else if (index % 41 === 0) upstream.script({ fault: { type: 'no-terminal-event' } });
  else upstream.script({});
}
process.stdout.write(`${upstream.baseUrl}\n`);
