import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import { createHealthRecorder, type Target } from '../../src/resilience/health-recorder.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { keyOf, providerOf } from '../support/catalog.ts';
import { openTestStore, recordingLogger, temporaryFolder } from '../support/store.ts';

const ERROR = new GatewayError('provider_error', 'boom', { status: 500 });
const target = (model: string): Target => ({ settings: providerOf('openai'), key: keyOf('main'), model });

async function recorderAt() {
  let aheadMs = 0;
  const clock: Clock = { ...SYSTEM_CLOCK, nowMs: () => 1_800_000_000_000 + aheadMs };
  const { health } = await openTestStore(temporaryFolder(), { clock });
  const recorder = createHealthRecorder({ health, clock, logger: recordingLogger() });
  const fail = async (model: string, times: number) => {
    for (let made = 0; made < times; made += 1)
      await recorder.failed(target(model), { error: ERROR, sent: true, probe: [] });
  };
  const pass = (spanMs: number) => {
    aheadMs += spanMs;
  };
  return { recorder, fail, pass };
}

describe('a provider that failed on several models', () => {
  it('rests as a whole, and for twice as long when the probe fails', async () => {
    const { recorder, fail, pass } = await recorderAt();
    await fail('a', 3);
    expect(await recorder.mayCall(target('c'))).toEqual([]);
    await fail('b', 3);
    expect(await recorder.mayCall(target('c'))).toBeUndefined();
    pass(5_001);
    const probe = await recorder.mayCall(target('c'));
    expect(probe).toHaveLength(1);
    await recorder.failed(target('c'), { error: ERROR, sent: true, probe: probe ?? [] });
    pass(9_000);
    expect(await recorder.mayCall(target('d'))).toBeUndefined();
    pass(1_001);
    expect(await recorder.mayCall(target('d'))).toHaveLength(1);
  });

  it('is not judged by failures of long ago, and its probe is free again after one that failed', async () => {
    const { recorder, fail, pass } = await recorderAt();
    await fail('a', 3);
    await fail('b', 3);
    pass(3_600_000);
    const probe = await recorder.mayCall(target('c'));
    expect(probe).toHaveLength(1);
    await recorder.failed(target('c'), { error: ERROR, sent: true, probe: probe ?? [] });
    expect(await recorder.mayCall(target('d'))).toHaveLength(1);
  });
});
