import { createHash } from 'node:crypto';
import type { Completion, StreamPart } from './completion.ts';
import type { DeclaredTool, Message, ResponseFormat, ToolChoice, ToolDefinition } from './message.ts';
import type { ModelInfo, ProviderId, ProviderKind } from './model.ts';
import type { ChatParameters, UnsupportedParameters } from './parameters.ts';
import type { EmbedItem } from './request.ts';
import type { SecretMask } from './secret-mask.ts';
import type { Usage } from './usage.ts';

/** One request as a provider gets it: the model is chosen, routing is over. */
export type ProviderRequest = ChatParameters & {
  readonly model: ModelInfo;
  readonly messages: readonly Message[];
  readonly maxOutputTokens?: number;
  readonly tools?: readonly ToolDefinition[];
  /** As in `ChatRequest`. */
  readonly declaredTools?: readonly DeclaredTool[];
  readonly toolChoice?: ToolChoice;
  readonly responseFormat?: ResponseFormat;
  /** For a parameter the vendor turns out to refuse: fail, or ask again without it. `reject` when absent. */
  readonly unsupportedParameters?: UnsupportedParameters;
};

/** What surrounds one call: the key it uses, its abort, and how it reports that it is alive. */
export type CallContext = {
  /** The secret itself; undefined for a provider without keys. */
  readonly apiKey?: string | undefined;
  readonly signal: AbortSignal;
  /** Called once, when the request's first bytes leave on a connected socket. */
  readonly onSent?: () => void;
  /** Called whenever bytes of the answer arrive, pings and comments included. */
  readonly onActivity?: (() => void) | undefined;
  /** The same call was lost on a connection that had been kept: another such one may be lost as well. */
  readonly needsNewConnection?: boolean | undefined;
};

export type EmbedInput = {
  readonly model: ModelInfo;
  readonly input: readonly EmbedItem[];
  /** How long the vectors are to be; absent: as long as the model makes them. */
  readonly dimensions?: number;
};
export type EmbedOutput = {
  readonly embeddings: readonly (readonly number[])[];
  readonly usage: Usage;
  readonly model: string;
};

/**
 * One vendor behind one contract. What a vendor lacks is a missing method, never a stub.
 * `complete`, `embed` and `listModels` throw a `GatewayError`; `stream` yields it as its last part.
 */
export interface Provider {
  readonly id: ProviderId;
  readonly kind: ProviderKind;
  complete(request: ProviderRequest, context: CallContext): Promise<Completion>;
  stream?(request: ProviderRequest, context: CallContext): AsyncIterable<StreamPart>;
  embed?(input: EmbedInput, context: CallContext): Promise<EmbedOutput>;
  /** The vendor's free list: the names of its models. */
  listModels?(context: CallContext): Promise<readonly string[]>;
}

/** A provider of the configuration, its references resolved. */
export type ProviderSettings = {
  readonly id: ProviderId;
  readonly kind: ProviderKind;
  readonly baseUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly keys: readonly ApiKey[];
  readonly status: 'configured' | 'unconfigured' | 'disabled';
  /** Takes out of what the provider says whatever else must not be repeated: the callers' tokens. */
  readonly mask?: SecretMask;
};

/** One key of a provider. A provider that needs none has one named `none` with an empty value. */
export type ApiKey = {
  /** Shown in status and books; never the secret. */
  readonly name: string;
  readonly value: string;
  readonly weight: number;
  /** The vendor's model names this key may be used for; absent: all. */
  readonly models?: readonly string[];
  /** Keys of one account share its limits. */
  readonly account?: string;
};

/** By the vendor's name of the model. */
export function mayBeUsedFor({ models }: ApiKey, modelName: string): boolean {
  return !models || models.includes(modelName);
}

/**
 * Names a key in the shared health: a key that was replaced under the same name starts afresh. The
 * fingerprint is eight hex digits of a SHA-256, from which nothing can be recovered.
 */
export function keyHealthId(key: ApiKey): string {
  const known = healthIds.get(key);
  if (known !== undefined) return known;
  const id = `${key.name}@${createHash('sha256').update(key.value).digest('hex').slice(0, 8)}`;
  healthIds.set(key, id);
  return id;
}

/** Asked for several times a call, and the same as long as its key. */
const healthIds = new WeakMap<ApiKey, string>();
