import { onTestFinished, vi } from 'vitest';
import { PATIENCE_MS } from '../../../src/http/guard/update-soon.ts';
import { openTestStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export const START_MS = Date.parse('2026-03-28T12:00:30Z');

/** The states of two processes on one folder, under a clock that stands still. However busy the machine is, they are waited for. */
export async function twoStates() {
  const folder = temporaryFolder();
  const stores = [await openTestStore(folder), await openTestStore(folder)] as const;
  const { setTimeout } = globalThis;
  vi.stubGlobal('setTimeout', (run: () => void, ms?: number) => setTimeout(run, ms === PATIENCE_MS ? 60_000 : ms));
  onTestFinished(() => void vi.unstubAllGlobals());
  vi.useFakeTimers({ now: START_MS, toFake: ['Date'] });
  return [stores[0].states, stores[1].states] as const;
}
