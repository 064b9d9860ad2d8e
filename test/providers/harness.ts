import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import type { Capability, ModelInfo, ProviderKind } from '../../src/core/model.ts';
import type { ParameterName } from '../../src/core/parameters.ts';
import type { CallContext, Provider, ProviderRequest, ProviderSettings } from '../../src/core/provider.ts';
import type { UsageParts } from '../../src/core/usage.ts';
import type { ScriptedAnswer, ScriptedFailure } from '../../src/demo/vendors/scripted.ts';
import type { VendorWire } from '../../src/demo/vendors/vendor-wire.ts';
import { PROVIDER_FACTORIES } from '../../src/providers/registry.ts';
import { createTransport, type Transport } from '../../src/providers/shared/transport/transport.ts';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.ts';

/** A key with the shape of none: what hides it must go by the key in use. Nothing may ever show it. */
export const SECRET_KEY = 'canary+7Qx/9fT2mWzR4bK8vN1';

/** What a kind's contract test states. All that is optional has the usual default. */
export type ProviderHarness = {
  readonly wire: VendorWire;
  /** The vendor's word for each unified finish reason. */
  readonly finishWords: Partial<Record<NonNullable<ScriptedAnswer['finish']>, string>>;
  /** Where a scripted failure means another code here than with most vendors. */
  readonly failureCodes?: Partial<Record<ScriptedFailure['failure'], ErrorCode>>;
  /** A rate limit that asks for 7 s, where the vendor does not use `retry-after`. */
  readonly sevenSecondsHint?: Partial<ScriptedFailure>;
  /** Classes of tokens this vendor reports; all by default. */
  readonly usageClasses?: readonly ('cachedInputTokens' | 'cacheWriteTokens' | 'reasoningTokens')[];
  /** What this vendor bills apart, as parts of 120 input, 80 cached, 16 written and 16 spoken tokens. */
  readonly usageParts?: UsageParts;
  /** What each parameter of `PARAMETERS` becomes in the body; one that is missing here is unsupported. */
  readonly parameterFields: Partial<Record<ParameterName, object>>;
  /** What `response_format: json_object` becomes; absent where words have to do. */
  readonly jsonObjectFields?: object;
  /** Do the arguments of tool calls come in pieces? */
  readonly streamsArguments?: boolean;
  /** Cases that do not apply, each with its reason. */
  readonly skips?: Readonly<Record<string, string>>;
};

export const MODEL_NAME = 'model-under-test';

/** One provider over one fake upstream, as the contract suite uses it. */
export type Bench = {
  readonly kind: ProviderKind;
  readonly wire: VendorWire;
  readonly upstream: FakeUpstream;
  readonly transport: Transport;
  readonly provider: Provider;
  readonly model: ModelInfo;
  create(settings: Partial<ProviderSettings>): Promise<Provider>;
  request(more?: Partial<ProviderRequest>): ProviderRequest;
  context(more?: Partial<CallContext>): CallContext;
  close(): Promise<void>;
};

export async function setUpBench(kind: ProviderKind, { wire }: Pick<ProviderHarness, 'wire'>): Promise<Bench> {
  const upstream = await startFakeUpstream(wire, { models: [MODEL_NAME], keys: [SECRET_KEY] });
  const transport = createTransport({ connectMs: 2_000 });
  const model = modelOf(kind, ['tools', 'vision', 'json-schema']);
  const create = (settings: Partial<ProviderSettings>) =>
    createProvider(kind, { baseUrl: upstream.baseUrl, ...settings }, transport);
  return {
    kind,
    wire,
    upstream,
    transport,
    model,
    create,
    provider: await create({}),
    request: (more) => ({ model, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], ...more }),
    context: (more) => ({ apiKey: SECRET_KEY, signal: new AbortController().signal, ...more }),
    async close() {
      await transport.close();
      await upstream.close();
    },
  };
}

export function createProvider(
  kind: ProviderKind,
  settings: Partial<ProviderSettings>,
  transport: Transport,
): Promise<Provider> {
  return PROVIDER_FACTORIES[kind]({ id: `my-${kind}`, kind, keys: [], status: 'configured', ...settings }, transport);
}

export function modelOf(kind: ProviderKind, capabilities: readonly Capability[], name = MODEL_NAME): ModelInfo {
  const provider = `my-${kind}`;
  return { ref: `${provider}/${name}`, provider, name, contextTokens: 128_000, capabilities, tags: [] };
}

/** Neither the key nor its first characters, nor its usual encodings, anywhere in the error. */
export function expectNoSecret(error: GatewayError): void {
  const everything = `${inspect(error, { depth: 10, showHidden: true })} ${error.hint} ${error.stack}`;
  for (const form of [
    SECRET_KEY,
    SECRET_KEY.slice(0, 8),
    Buffer.from(SECRET_KEY).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(SECRET_KEY),
  ]) {
    expect(everything).not.toContain(form);
  }
}
