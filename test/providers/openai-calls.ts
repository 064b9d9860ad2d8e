import type { Fault } from '../support/faults.ts';
import { ask } from './answers.ts';
import type { Bench } from './harness.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** An answer with an error in OpenAI's form. */
export function refusal(status: number, error: object, headers: Record<string, string> = {}): { fault: Fault } {
  return { fault: { type: 'replace', status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify({ error }) } };
}

export const whole = (bench: Bench, more: Partial<Parameters<Bench['request']>[0]> = {}) =>
  ask(bench.provider, 'whole', bench.request(more), bench.context());
