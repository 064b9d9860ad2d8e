import { configSchema } from '../../config/config-schema.ts';
import { readEnvironment } from '../../config/environment-config.ts';
import { filled, type Surroundings } from '../../config/folders.ts';
import { OLLAMA_USUAL_URL } from '../../config/probe-ollama.ts';
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
  { id: 'openai', kind: 'openai', title: 'OpenAI', keyNames: ['OPENAI_API_KEY'] },
  { id: 'anthropic', kind: 'anthropic', title: 'Anthropic', keyNames: ['ANTHROPIC_API_KEY'] },
  { id: 'gemini', kind: 'gemini', title: 'Google Gemini', keyNames: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] },
  { id: 'groq', kind: 'groq', title: 'Groq', keyNames: ['GROQ_API_KEY'] },
  { id: 'ollama', kind: 'ollama', title: 'Ollama, on this machine', keyNames: [], baseUrl: OLLAMA_USUAL_URL },
];

/** A provider that is to be written, with the variable its key comes from. */
export type ChosenProvider = KnownProvider & { readonly keyName?: string | undefined };

export type Choices = { readonly providers: readonly ChosenProvider[]; readonly strategy: Strategy };

/**
 * What could be used without a configuration. Throws `config_invalid` where a variable holds what no configuration may
 * say: a key that is none, or an address with a password in it, which would be written out.
 */
export async function detectProviders(surroundings: Surroundings): Promise<readonly ChosenProvider[]> {
  const found = await readEnvironment(surroundings, configSchema.parse({}).server);
  return KNOWN_PROVIDERS.flatMap((known): readonly ChosenProvider[] => {
    const provider = found.providers.find(({ id }) => id === known.id);
    if (provider === undefined) return [];
    const keyName = known.keyNames.find((name) => filled(surroundings.env[name]) !== undefined);
    // Written out: a client may start the server without this variable.
    return [{ ...known, keyName, ...(provider.baseUrl !== undefined && { baseUrl: provider.baseUrl }) }];
  });
}

/** What `--yes` writes: what is there, or else every hosted provider, ready for its key. */
export function defaultChoices(detected: readonly ChosenProvider[]): Choices {
  const providers = detected.length > 0 ? detected : KNOWN_PROVIDERS.filter(({ keyNames }) => keyNames.length > 0);
  return { providers, strategy: 'complexity' };
}

/** Two questions on the terminal; undefined when the person leaves. */
export async function interview(detected: readonly ChosenProvider[]): Promise<Choices | undefined> {
  const { isCancel, multiselect, select } = await import('@clack/prompts');
  const ids = await multiselect({
    message: 'Which providers do you have?',
    options: KNOWN_PROVIDERS.map(({ id, title, keyNames }) => {
      const found = detected.some((provider) => provider.id === id);
      const [usualKey] = keyNames;
      return {
        value: id,
        label: title,
        hint: found ? 'found' : usualKey === undefined ? 'not running' : `needs ${usualKey}`,
      };
    }),
    initialValues: detected.map(({ id }) => id),
    required: true,
  });
  if (isCancel(ids)) return undefined;
  const strategy = await select({
    message: 'In which order are the models of a tier tried?',
    options: STRATEGIES.map((value) => ({ value, label: value, hint: STRATEGY_HINTS[value] })),
    initialValue: 'complexity' as Strategy,
  });
  if (isCancel(strategy)) return undefined;
  const chosen = KNOWN_PROVIDERS.filter(({ id }) => ids.includes(id));
  return { providers: chosen.map((one) => detected.find(({ id }) => id === one.id) ?? one), strategy };
}

const STRATEGY_HINTS = {
  complexity: 'in the order of the list',
  cost: 'the cheapest first',
  quality: 'the best first',
  priority: 'by the numbers you give the models',
} as const satisfies Record<Strategy, string>;
