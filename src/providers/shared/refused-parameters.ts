import { GatewayError } from '../../core/errors.ts';
import type { ModelInfo, ProviderKind } from '../../core/model.ts';
import { unsupportedParameters } from '../../core/parameter-support.ts';
import { type ParameterName, pickParameters } from '../../core/parameters.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import type { VendorFailure, Verdict } from './vendor-failure.ts';

/** How a vendor names our parameters in its refusals. The first that matches and was sent is meant. */
export type ParameterWords = readonly (readonly [word: RegExp, parameter: ParameterName])[];

/** A request as it can be sent, and what had to be left out of it. */
export type SendableRequest = { readonly request: ProviderRequest; readonly dropped: readonly ParameterName[] };

/** Models remembered; the oldest is forgotten first, and learnt again with one refused request. */
const MODELS_MAX = 1_000;

/** The parameters that are known, or were seen, to be refused by a model. */
export interface ParameterMemory {
  /** Throws `capability_missing` for a parameter that would be refused, unless the request lets it be dropped. */
  sendable(request: ProviderRequest, known?: readonly ParameterName[]): SendableRequest;
  /**
   * Learns from a refusal. Where the request lets parameters be dropped, the verdict asks for the same
   * target once more at once, and that request goes without it. Undefined: nothing of ours was refused.
   */
  learn(request: ProviderRequest, failure: VendorFailure): Verdict | undefined;
}

export function createParameterMemory(kind: ProviderKind, words: ParameterWords): ParameterMemory {
  const learnt = new Map<string, Set<string>>();
  return {
    sendable(request, known = []) {
      const seen = learnt.get(request.model.name);
      const refused = [
        ...new Set([
          ...unsupportedParameters(kind, request.model, request),
          ...known,
          ...(seen ? asked(request).filter((name) => seen.has(name) || seen.has(valueKey(name, request))) : []),
        ]),
      ];
      if (refused.length === 0) return { request, dropped: refused };
      if (request.unsupportedParameters !== 'drop') throw refusal(request.model, refused);
      return { request: without(request, refused), dropped: refused };
    },
    learn(request, failure) {
      const parameter = refusedParameter(request, failure, words);
      if (parameter === undefined) return undefined;
      const { name } = request.model;
      // One level of effort may be refused where another is taken.
      const isOfValue = parameter === 'reasoningEffort' && failure.code === 'unsupported_value';
      const key = isOfValue ? valueKey(parameter, request) : parameter;
      // Sent without it already: something else is meant.
      if (learnt.get(name)?.has(key)) return undefined;
      if (learnt.size >= MODELS_MAX && !learnt.has(name)) learnt.delete(learnt.keys().next().value ?? '');
      learnt.set(name, (learnt.get(name) ?? new Set()).add(key));
      if (request.unsupportedParameters !== 'drop') {
        return { code: 'capability_missing', remedy: `it takes no ${parameter} as it was given` };
      }
      return {
        code: 'invalid_request',
        retrySame: 'once',
        retryAfterMs: 0,
        remedy: `it is asked again without ${parameter}`,
      };
    },
  };
}

/** What an answer says about parameters that were left out: nothing when there are none. */
export function saying(dropped: readonly ParameterName[]): { readonly droppedParameters?: readonly ParameterName[] } {
  return dropped.length > 0 ? { droppedParameters: dropped } : {};
}

/** Their events would mix, and no vendor's stream carries usage for them: several answers come whole. */
export function refuseSeveralChoices({ choices }: ProviderRequest): void {
  if (choices === undefined || choices === 1) return;
  throw new GatewayError('capability_missing', 'it answers several choices whole, not as a stream.');
}

function asked(request: ProviderRequest): readonly ParameterName[] {
  return Object.keys(pickParameters(request)) as ParameterName[];
}

function valueKey(name: ParameterName, request: ProviderRequest): string {
  return `${name}=${JSON.stringify(request[name])}`;
}

function without(request: ProviderRequest, names: readonly ParameterName[]): ProviderRequest {
  return Object.fromEntries(
    Object.entries(request).filter(([field]) => !names.some((name) => name === field)),
  ) as ProviderRequest;
}

function refusal(model: ModelInfo, names: readonly ParameterName[]): GatewayError {
  return new GatewayError('capability_missing', `model ${model.name} does not take ${names.join(', ')}.`, {
    hint: 'Leave it out, choose another model, or let unsupported parameters be dropped.',
  });
}

const REFUSAL =
  /unsupported|not supported|does(n't| not) support|unknown|unrecognized|unexpected|not (allowed|permitted|enabled)|is deprecated|extra/i;

function refusedParameter(
  request: ProviderRequest,
  { status, code, param, message }: VendorFailure,
  words: ParameterWords,
): ParameterName | undefined {
  if (status !== 400 && status !== 422) return undefined;
  if (code !== 'unsupported_parameter' && code !== 'unsupported_value' && !REFUSAL.test(message)) return undefined;
  const text = param ?? message;
  return words.find(([word, name]) => request[name] !== undefined && word.test(text))?.[1];
}
