import { onTestFinished } from 'vitest';
import type { ProviderKind } from '../../src/core/model.ts';
import { MODEL, WIRES } from '../e2e/workplace.ts';
import { type FakeUpstream, type FakeUpstreamOptions, startFakeUpstream } from './fake-upstream.ts';

/** A simulated vendor of this kind that has `MODEL`; it closes with the test. */
export async function startUpstream(
  kind: ProviderKind = 'openai',
  options: Partial<FakeUpstreamOptions> = {},
): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream(WIRES[kind], { models: [MODEL], ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}
