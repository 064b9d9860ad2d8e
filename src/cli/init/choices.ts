import { HOSTED_VENDORS, readEnvironment } from '../../config/environment-config.ts';
import { filled, type Surroundings } from '../../config/folders.ts';
import { OLLAMA_USUAL_URL, ollamaUrlFrom } from '../../config/providers/probe-ollama.ts';
import { configSchema } from '../../config/schema/config-schema.ts';
import type { ProviderKind } from '../../core/model.ts';
import { STRATEGIES, type Strategy } from '../../core/request.ts';

/** A provider `init` can write. */
export type KnownProvider = {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly title: string;
  /** The variables that may hold its key, the usual one first; none for a local one. */
  readonly keyNames: readonly string[];
  readonly baseUrl?: string;
};

export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  ...HOSTED_VENDORS.map(({ kind, title, keyNames }) => ({ id: kind, kind, title, keyNames })),
  { id: 'ollama', kind: 'ollama', title: 'Ollama, on this machine', keyNames: [], baseUrl: OLLAMA_USUAL_URL },
];

/** One as it is on this machine: with the variable its key comes from, and whether it can be used at once. */
export type DetectedProvider = KnownProvider & { readonly keyName?: string | undefined; readonly isFound: boolean };

export type Choices = {
  readonly providers: readonly DetectedProvider[];
  /** Written as comments. */
  readonly others: readonly DetectedProvider[];
  readonly strategy: Strategy;
};

/**
 * Every known provider, with what there is of it without a configuration. Throws `config_invalid` where a variable holds
 * what no configuration may say: a key that is none, or an address with a password in it, which would be written out.
 */
export async function detectProviders(surroundings: Surroundings): Promise<readonly DetectedProvider[]> {
  const { env } = surroundings;
  const found = await readEnvironment(surroundings, configSchema.parse({}).server);
  return KNOWN_PROVIDERS.map((known) => {
    const provider = found.providers.find(({ id }) => id === known.id);
    const keyName = known.keyNames.find((name) => filled(env[name]) !== undefined);
    // An Ollama that is not running now is started where the variable says.
    const ollamaUrl = known.kind === 'ollama' ? ollamaUrlFrom(env.OLLAMA_HOST ?? '') : undefined;
    // Written out: a client may start the server without this variable.
    const baseUrl = provider?.baseUrl ?? ollamaUrl ?? known.baseUrl;
    return { ...known, keyName, isFound: provider !== undefined, ...(baseUrl !== undefined && { baseUrl }) };
  });
}

/** What `--yes` writes: what is there, or else every hosted provider, ready for its key. */
export function defaultChoices(detected: readonly DetectedProvider[]): Choices {
  const isAnyFound = detected.some(({ isFound }) => isFound);
  return choose(detected, ({ isFound, keyNames }) => (isAnyFound ? isFound : keyNames.length > 0), 'complexity');
}

function choose(
  detected: readonly DetectedProvider[],
  isChosen: (provider: DetectedProvider) => boolean,
  strategy: Strategy,
): Choices {
  return { providers: detected.filter(isChosen), others: detected.filter((one) => !isChosen(one)), strategy };
}

/** Two questions on the terminal; undefined when the person leaves. */
export async function interview(detected: readonly DetectedProvider[]): Promise<Choices | undefined> {
  const { isCancel, multiselect, select } = await import('@clack/prompts');
  const ids = await multiselect({
    message: 'Which providers do you have?',
    options: detected.map(({ id, title, keyNames: [usualKey], isFound }) => ({
      value: id,
      label: title,
      hint: isFound ? 'found' : usualKey === undefined ? 'not running' : `needs ${usualKey}`,
    })),
    initialValues: detected.flatMap(({ id, isFound }) => (isFound ? [id] : [])),
    required: true,
  });
  if (isCancel(ids)) return undefined;
  const strategy = await select({
    message: 'In which order are the models of a tier tried?',
    options: STRATEGIES.map((value) => ({ value, label: value, hint: STRATEGY_HINTS[value] })),
    initialValue: 'complexity' as Strategy,
  });
  if (isCancel(strategy)) return undefined;
  return choose(detected, ({ id }) => ids.includes(id), strategy);
}

const STRATEGY_HINTS = {
  complexity: 'in the order of the list',
  cost: 'the cheapest first',
  quality: 'the best first',
  priority: 'by the numbers you give the models',
} as const satisfies Record<Strategy, string>;
