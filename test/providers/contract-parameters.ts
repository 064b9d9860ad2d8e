import { expect } from 'vitest';
import { type ChatParameters, PARAMETER_NAMES, PARAMETER_WORDS } from '../../src/core/parameters.ts';
import { failureOf, MODES, partsOf } from './answers.ts';
import type { Check } from './contract.ts';
import { type Bench, modelOf, type ProviderHarness } from './harness.ts';

/** One value of each, none of them a default. */
const PARAMETERS: Required<ChatParameters> = {
  temperature: 0.25,
  topP: 0.5,
  topK: 40,
  stop: ['END', '###'],
  seed: 7,
  presencePenalty: 0.5,
  frequencyPenalty: -0.5,
  logitBias: { '50256': -100 },
  choices: 2,
  reasoningEffort: 'low',
  thinking: { type: 'enabled', budgetTokens: 4_096 },
  verbosity: 'low',
  parallelToolCalls: false,
};

const tools = [{ name: 'get_time', inputSchema: { type: 'object' } }];
/** Reasoning is asked of a model that has it, the rest of one that refuses nothing for having it. */
const modelFor = (bench: Bench, name: string) =>
  modelOf(bench.kind, ['tools', 'json-schema', ...(/reasoning|thinking/.test(name) ? ['reasoning' as const] : [])]);

export function describeParameters(check: Check, { parameterFields }: ProviderHarness): void {
  for (const name of PARAMETER_NAMES) {
    const fields = parameterFields[name];
    const more = { [name]: PARAMETERS[name], tools };
    if (fields) {
      check(`sends ${name} as its vendor names it`, async (bench) => {
        const request = bench.request({ model: modelFor(bench, name), ...more });
        const before = bench.upstream.requests.length;
        expect(await bench.provider.complete(request, bench.context())).not.toHaveProperty('droppedParameters');
        expect(bench.upstream.requests.at(before)?.body).toMatchObject(fields);
        if (name === 'choices') return;
        await partsOf(bench.provider, request, bench.context());
        expect(bench.upstream.requests.at(-1)?.body).toMatchObject(fields);
      });
      continue;
    }
    check(`sends no ${name}, and says so`, async (bench) => {
      const request = bench.request({ model: modelFor(bench, name), ...more });
      const before = bench.upstream.requests.length;
      const error = await failureOf(bench.provider.complete(request, bench.context()));
      expect(error).toMatchObject({ code: 'capability_missing', retrySame: 'no', param: PARAMETER_WORDS[name] });
      expect(error.message).toContain(PARAMETER_WORDS[name]);
      expect(bench.upstream.requests).toHaveLength(before);
      if (name === 'choices') return;
      const lenient = { ...request, unsupportedParameters: 'drop' } as const;
      const whole = await bench.provider.complete(lenient, bench.context());
      expect(whole.droppedParameters).toEqual([name]);
      const end = (await partsOf(bench.provider, lenient, bench.context())).at(-1);
      expect(end).toMatchObject({ type: 'finish', droppedParameters: [name] });
    });
  }
  describeDefaults(check);
}

function describeDefaults(check: Check): void {
  check('takes what asks for nothing, whatever the model can do', async (bench) => {
    const harmless: ChatParameters = {
      temperature: 1,
      topP: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      choices: 1,
      stop: [],
      logitBias: {},
      verbosity: 'medium',
      thinking: { type: 'off' },
      reasoningEffort: 'none',
    };
    for (const thinking of [{ type: 'off' }, { type: 'adaptive' }] as const) {
      const request = bench.request({ model: modelOf(bench.kind, []), ...harmless, thinking });
      expect(await bench.provider.complete(request, bench.context())).not.toHaveProperty('droppedParameters');
    }
  });

  check('learns what a model turns out to refuse, and asks again without it only when allowed', async (bench) => {
    const model = modelOf(bench.kind, ['reasoning'], 'model-under-test');
    const words = 'reasoning_effort is not supported: this model does not support the thinking effort parameter.';
    for (const mode of MODES) {
      const provider = await bench.create({});
      const ask = (unsupportedParameters: 'reject' | 'drop') => {
        const request = bench.request({ model, reasoningEffort: 'low', unsupportedParameters });
        if (mode === 'whole') return provider.complete(request, bench.context());
        return partsOf(provider, request, bench.context()).then((parts) => {
          const end = parts.at(-1);
          if (end?.type === 'error') throw end.error;
          return end;
        });
      };
      const refused = { say: { failure: 'invalid', message: words } } as const;
      bench.upstream.script(refused, refused);
      const both = await Promise.all([failureOf(ask('reject')), failureOf(ask('drop'))]);
      expect(both[0]).toMatchObject({ code: 'capability_missing', retrySame: 'no', param: 'reasoning_effort' });
      expect(both[0]?.message).toContain('reasoning_effort');
      expect(both[1]).toMatchObject({ retrySame: 'at-once' });
      expect(await ask('drop')).toMatchObject({ droppedParameters: ['reasoningEffort'] });
      const before = bench.upstream.requests.length;
      expect((await failureOf(ask('reject'))).code).toBe('capability_missing');
      expect(bench.upstream.requests).toHaveLength(before);
    }
  });
}
