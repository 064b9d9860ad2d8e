import { GatewayError } from '../../../core/errors.ts';
import type { ModelInfo, ProviderKind } from '../../../core/model.ts';
import { isDefault, unsupportedParameters } from '../../../core/parameter-support.ts';
import { PARAMETER_WORDS, type ParameterName, pickParameters, setsParameters } from '../../../core/parameters.ts';
import type { ProviderRequest } from '../../../core/provider.ts';
import { askedAgain, isPartRefused, RefusalMemory } from './refusal-memory.ts';
import type { VendorFailure, Verdict } from './vendor-failure.ts';

/** How a vendor names our parameters in its refusals. The first that matches and was sent is meant. */
export type RefusalWords = readonly (readonly [word: RegExp, parameter: ParameterName])[];

/** A request as it can be sent, and what had to be left out of it. */
export type SendableRequest = { readonly request: ProviderRequest; readonly dropped: readonly ParameterName[] };

/** The parameters that are known, or were seen, to be refused by a model. */
export interface ParameterMemory {
  /** Throws `capability_missing` for a parameter that would be refused, unless the request lets it be dropped. */
  sendable(asked: ProviderRequest): SendableRequest;
  /**
   * Learns from a refusal of what was sent. Where the request lets parameters be dropped, the verdict asks
   * for the same target once more at once, and that request goes without it. Undefined: nothing of ours was refused.
   */
  learn(sent: ProviderRequest, failure: VendorFailure): Verdict | undefined;
}

export function createParameterMemory(kind: ProviderKind, words: RefusalWords): ParameterMemory {
  const refusals = new RefusalMemory<string>();

  function sendable(asked: ProviderRequest): SendableRequest {
    if (!setsParameters(asked)) return { request: asked, dropped: NONE };
    const seen = refusals.of(asked.model.name);
    const set = seen.size > 0 ? setIn(asked) : NONE;
    const isSeen = (name: ParameterName) => seen.has(name) || seen.has(valueKey(name, asked));
    const beside: readonly string[] = asked.tools?.length ? [...set, TOOLS] : set;
    const learnt = set.filter((name) => isSeen(name) || beside.some((other) => seen.has(besideKey(name, other))));
    const unsupported = unsupportedParameters(kind, asked.model, asked);
    if (learnt.length === 0 && unsupported.length === 0) return { request: asked, dropped: NONE };
    // What asks for the usual is honoured by saying nothing.
    const dropped = [...new Set([...unsupported, ...learnt.filter((name) => !isDefault(name, asked))])];
    if (dropped.length > 0 && asked.unsupportedParameters !== 'drop') throw refusal(asked.model, dropped);
    return { request: without(asked, [...dropped, ...learnt]), dropped };
  }

  function learn(sent: ProviderRequest, failure: VendorFailure): Verdict | undefined {
    const [parameter, other] = refusedParameters(sent, failure, words);
    if (parameter === undefined) return undefined;
    const word = PARAMETER_WORDS[parameter];
    refusals.add(sent.model.name, refusedKey(parameter, other, { sent, failure }));
    if (sent.unsupportedParameters !== 'drop') {
      return { code: 'capability_missing', param: word, remedy: `it takes no ${word} as it was given` };
    }
    return askedAgain(`without ${word}`);
  }

  return { sendable, learn };
}

const NONE: readonly ParameterName[] = [];
const NOT_BOTH = /cannot both be specified/i;
const TOOLS = 'tools';
const NOT_BESIDE_TOOLS = /\bfunction tools with reasoning_effort are not supported\b/i;

/** What an answer says about parameters that were left out: nothing when there are none. */
export function saying(dropped: readonly ParameterName[]): { readonly droppedParameters?: readonly ParameterName[] } {
  return dropped.length > 0 ? { droppedParameters: dropped } : {};
}

/** Their events would mix, and no vendor's stream carries usage for them: several answers come whole. */
export function refuseSeveralChoices({ choices }: ProviderRequest): void {
  if (choices === undefined || choices === 1) return;
  throw new GatewayError('capability_missing', 'it answers several choices whole, not as a stream.');
}

function setIn(request: ProviderRequest): readonly ParameterName[] {
  return Object.keys(pickParameters(request)) as ParameterName[];
}

type Refused = { readonly sent: ProviderRequest; readonly failure: VendorFailure };

/** One level of effort may be refused where another is taken, any beside tools, and one of two parameters that are taken alone. */
function refusedKey(name: ParameterName, other: ParameterName | undefined, { sent, failure }: Refused): string {
  if (name === 'reasoningEffort' && failure.code === 'unsupported_value') return valueKey(name, sent);
  if (NOT_BESIDE_TOOLS.test(failure.message)) return besideKey(name, TOOLS);
  return other !== undefined && NOT_BOTH.test(failure.message) ? besideKey(name, other) : name;
}

function besideKey(name: ParameterName, other: string): string {
  return `${name} beside ${other}`;
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
  return new GatewayError(
    'capability_missing',
    `model ${model.name} does not take ${names.map((name) => PARAMETER_WORDS[name]).join(', ')}.`,
    {
      param: names[0] && PARAMETER_WORDS[names[0]],
      hint: 'Leave it out, choose another model, or let unsupported parameters be dropped.',
    },
  );
}

/** The first is meant, and others are named beside it. */
function refusedParameters(
  request: ProviderRequest,
  failure: VendorFailure,
  words: RefusalWords,
): readonly ParameterName[] {
  if (!isPartRefused(failure)) return NONE;
  const text = failure.param ?? failure.message;
  return words.filter(([word, name]) => request[name] !== undefined && word.test(text)).map(([, name]) => name);
}
