import { OLLAMA_USUAL_URL, ollamaUrlFrom, probeOllama } from '../../config/probe-ollama.ts';
import type { ProviderKind } from '../../core/model.ts';
import { STRATEGIES, type Strategy } from '../../core/request.ts';

/** A provider `init` can write. */
export type KnownProvider = {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly title: string;
  /** The variables that may hold its key, the usual one first; none for a local one. */
  readonly keyNames: readonly string[];
  /** The variable that may hold another address than the usual one. */
  readonly baseUrlName?: string;
  readonly baseUrl?: string;
};

export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  { id: 'openai', kind: 'openai', title: 'OpenAI', keyNames: ['OPENAI_API_KEY'], baseUrlName: 'OPENAI_BASE_URL' },
  {
    id: 'anthropic',
    kind: 'anthropic',
    title: 'Anthropic',
    keyNames: ['ANTHROPIC_API_KEY'],
    baseUrlName: 'ANTHROPIC_BASE_URL',
  },
  { id: 'gemini', kind: 'gemini', title: 'Google Gemini', keyNames: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] },
  { id: 'groq', kind: 'groq', title: 'Groq', keyNames: ['GROQ_API_KEY'] },
  { id: 'ollama', kind: 'ollama', title: 'Ollama, on this machine', keyNames: [], baseUrl: OLLAMA_USUAL_URL },
];

/** A provider that is to be written, with the variable its key comes from. */
export type ChosenProvider = KnownProvider & { readonly keyName?: string | undefined };

export type Choices = { readonly providers: readonly ChosenProvider[]; readonly strategy: Strategy };

/** What is there: whose key is set (the value is not looked at further), and an Ollama that answers. */
export async function detectProviders(env: NodeJS.ProcessEnv): Promise<readonly ChosenProvider[]> {
  const host = env.OLLAMA_HOST?.trim();
  const baseUrl = host ? ollamaUrlFrom(host) : OLLAMA_USUAL_URL;
  const answers = baseUrl !== undefined && (await probeOllama('ollama', baseUrl)) !== undefined;
  return KNOWN_PROVIDERS.flatMap((provider): readonly ChosenProvider[] => {
    if (provider.kind === 'ollama') return answers && baseUrl !== undefined ? [{ ...provider, baseUrl }] : [];
    const keyName = provider.keyNames.find((name) => env[name]?.trim());
    if (keyName === undefined) return [];
    // Written out: a client may start the server without this variable.
    const address = provider.baseUrlName && env[provider.baseUrlName]?.trim();
    return [{ ...provider, keyName, ...(address && { baseUrl: address }) }];
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
