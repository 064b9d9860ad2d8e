import type { DemoReport, DemoRow } from './run-demo.ts';
import { DEMO_TIERS, QUESTIONS } from './scenario.ts';

/** What the demo shows and is not as it must be, one sentence each. */
export function checkDemo(report: DemoReport): readonly string[] {
  return [
    ...report.answers.flatMap(checkAnswer),
    ...checkRepeat(report.repeat),
    ...checkReplaced(report),
    ...checkBooks(report),
  ];
}

function checkAnswer({ prompt, expectedTier, previewedModel, answer }: DemoRow): readonly string[] {
  const expectedModel = DEMO_TIERS[expectedTier][0];
  return [
    ...unless(answer.tier === expectedTier, `"${prompt}" is of tier ${answer.tier}, not ${expectedTier}`),
    ...unless(answer.model === expectedModel, `"${prompt}" went to ${answer.model}, not to ${expectedModel}`),
    ...unless(
      previewedModel === answer.model,
      `the preview of "${prompt}" named ${previewedModel}, not ${answer.model}`,
    ),
    ...unless(answer.text === scriptOf(prompt), `the answer to "${prompt}" is not what the provider said`),
    ...unless(answer.cost_usd !== null, `the cost of "${prompt}" is unknown`),
    ...unless(!answer.cached, `"${prompt}" came from the cache the first time`),
  ];
}

function checkRepeat({ prompt, answer }: DemoRow): readonly string[] {
  return [
    ...unless(
      answer.cached && answer.cost_usd === 0,
      'the repeated question was not answered from the cache for nothing',
    ),
    ...unless(answer.text === scriptOf(prompt), 'the cached answer is another one'),
  ];
}

function checkReplaced({ replaced: { prompt, answer }, failingProvider }: DemoReport): readonly string[] {
  const attempts = answer.attempts ?? [];
  const failed = attempts.filter(({ model, error }) => model.startsWith(`${failingProvider}/`) && error !== undefined);
  return [
    ...unless(failed.length > 0, `no failed attempt at ${failingProvider} is reported`),
    ...unless(!answer.model.startsWith(`${failingProvider}/`), `${failingProvider} was down and answered all the same`),
    ...unless(answer.text === scriptOf(prompt), 'the answer of the stand-in is not what it said'),
  ];
}

/** The books against the answers on one side and against the vendors' own on the other. */
function checkBooks({ answers, repeat, replaced, costs: { totals }, vendorBooks }: DemoReport): readonly string[] {
  const rows = [...answers, repeat, replaced];
  const spent = rows.reduce((sum, { answer }) => sum + (answer.cost_usd ?? 0), 0);
  const { requests, inputTokens, outputTokens } = vendorBooks;
  return [
    ...unless(totals.requests === rows.length, `${totals.requests} requests are booked, not ${rows.length}`),
    ...unless(totals.cache_hits === 1, `${totals.cache_hits} cache hits are booked, not 1`),
    ...unless(totals.attempts === requests, `${totals.attempts} attempts are booked, the providers saw ${requests}`),
    ...unless(
      totals.input_tokens === inputTokens && totals.output_tokens === outputTokens,
      `${totals.input_tokens} and ${totals.output_tokens} tokens are booked, the providers counted ${inputTokens} and ${outputTokens}`,
    ),
    // Sums of dollars as floating-point numbers differ far behind the nano-dollar.
    ...unless(
      Math.abs(totals.cost_usd - spent) < 5e-10,
      `${totals.cost_usd} USD are booked, the answers cost ${spent}`,
    ),
    ...unless(totals.cost_usd > 0 && totals.unpriced_requests === 0, 'a price is missing'),
  ];
}

function unless(holds: boolean, problem: string): readonly string[] {
  return holds ? [] : [problem];
}

function scriptOf(prompt: string): string | undefined {
  return QUESTIONS.find((question) => question.prompt === prompt)?.answer;
}
