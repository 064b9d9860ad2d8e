import type { ApiKey, ProviderSettings } from '../../core/provider.ts';
import type { ConfigPath } from '../file/config-document.ts';
import { type Problems, pathText } from '../file/problems.ts';
import type { MissingKeys } from '../file/resolve-references.ts';
import type { ProviderInput } from '../schema/config-schema.ts';
import { baseUrlFault, headerFault, keyFault, PROVIDER_ID } from './check-provider.ts';
import type { Listener } from './own-address.ts';

type Context = {
  readonly problems: Problems;
  readonly missingKeys: MissingKeys;
  /** Signalbox's own listener: no provider may be it. */
  readonly listener: Listener;
  readonly warnings: string[];
};

/** Servers of these kinds usually want no key. */
const KEYLESS_KINDS: readonly string[] = ['ollama', 'openai-compatible'];
/** Of a key that has no name of its own. */
const ONLY_KEY_NAME = 'default';
const NAMING =
  'a provider is named by up to 64 letters, digits, dots, dashes or underscores, and begins with a letter or digit';
const NO_KEY: ApiKey = { name: 'none', value: '', weight: 1 };

/** The providers as the rest of the program knows them; faults go to `problems`, missing keys to `warnings`. */
export function toProviders(
  inputs: Readonly<Record<string, ProviderInput>>,
  context: Context,
): readonly ProviderSettings[] {
  return Object.entries(inputs).map(([id, input]) => toProvider(id, input, context));
}

function toProvider(id: string, input: ProviderInput, context: Context): ProviderSettings {
  const { problems, listener } = context;
  const path: ConfigPath = ['providers', id];
  const { kind, headers, enabled } = input;
  // A variable or a file often ends with a line break, which a URL takes and the path after it does not.
  const baseUrl = input.baseUrl?.trim();
  if (!PROVIDER_ID.test(id)) {
    problems.add(path, NAMING, 'key');
  }
  if (!enabled) return { id, kind, keys: [], status: 'disabled' };
  const fault = baseUrl === undefined ? undefined : baseUrlFault(baseUrl, listener);
  if (fault !== undefined) problems.add([...path, 'baseUrl'], fault);
  if (baseUrl === undefined && kind === 'openai-compatible') {
    problems.add([...path, 'baseUrl'], 'a provider of kind openai-compatible needs a baseUrl');
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    const wrong = headerFault(name, value);
    if (wrong !== undefined) problems.add([...path, 'headers', name], wrong);
  }
  const keys = toKeys(path, input, context);
  return {
    id,
    kind,
    ...(baseUrl !== undefined && { baseUrl: baseUrl.replace(/\/+$/, '') }),
    ...(headers !== undefined && { headers }),
    keys,
    status: keys.length > 0 ? 'configured' : 'unconfigured',
  };
}

/** What its keys are called in books and limits, those that are not used included. */
export function keyNamesOf({ apiKey, keys }: ProviderInput): readonly string[] {
  if (keys !== undefined) return keys.map(({ name }) => name);
  return [apiKey === undefined ? NO_KEY.name : ONLY_KEY_NAME];
}

type KeyInput = NonNullable<ProviderInput['keys']>[number];

/** The keys that can be used; each one that cannot leaves one warning. */
function toKeys(path: ConfigPath, input: ProviderInput, context: Context): readonly ApiKey[] {
  const { problems, warnings } = context;
  const { apiKey, keys, kind } = input;
  if (apiKey !== undefined && keys !== undefined)
    problems.add([...path, 'keys'], 'give either apiKey or keys, not both');
  if (apiKey !== undefined) {
    const key = { name: ONLY_KEY_NAME, value: apiKey, weight: 1 };
    return toKey(key, { path: [...path, 'apiKey'], owner: pathText(path) }, context);
  }
  if (keys !== undefined) {
    problemsOfNames(path, keys, problems);
    return keys.flatMap((key, index) =>
      toKey(key, { path: [...path, 'keys', index, 'value'], owner: `${pathText(path)} key "${key.name}"` }, context),
    );
  }
  if (KEYLESS_KINDS.includes(kind)) return [NO_KEY];
  warnings.push(`${problems.place(path)} ${pathText(path)} is not used: it has no apiKey.`);
  return [];
}

type KeyPlace = { readonly path: ConfigPath; readonly owner: string };

function toKey(key: KeyInput, { path, owner }: KeyPlace, context: Context): readonly ApiKey[] {
  const { problems, missingKeys, warnings } = context;
  const value = key.value.trim();
  if (value === '') {
    const reason = missingKeys.get(pathText(path)) ?? 'its key is empty';
    warnings.push(`${problems.place(path)} ${owner} is not used: ${reason}.`);
    return [];
  }
  const fault = keyFault(value);
  if (fault !== undefined) problems.add(path, fault);
  const { name, weight, models, account } = key;
  return [{ name, value, weight, ...(models && { models }), ...(account !== undefined && { account }) }];
}

function problemsOfNames(path: ConfigPath, keys: readonly KeyInput[], problems: Problems): void {
  const names = new Set<string>();
  for (const [index, { name }] of keys.entries()) {
    if (names.has(name))
      problems.add([...path, 'keys', index, 'name'], 'another key of this provider has the same name');
    names.add(name);
  }
}
