import type { PulledModel } from '../catalog/default-routing.ts';
import type { ProviderKind } from '../core/model.ts';
import type { ProviderSettings } from '../core/provider.ts';
import { configInvalid } from './file/problems.ts';
import { filled, type Surroundings } from './folders.ts';
import { NOTHING_FOUND } from './nothing-found.ts';
import { baseUrlFault, keyFault } from './providers/check-provider.ts';
import type { Listener } from './providers/own-address.ts';
import { OLLAMA_USUAL_URL, ollamaUrlFrom, probeOllama } from './providers/probe-ollama.ts';

type EnvironmentConfig = {
  readonly providers: readonly ProviderSettings[];
  readonly pulled: readonly PulledModel[];
  readonly warnings: readonly string[];
};

type Vendor = {
  readonly kind: ProviderKind;
  /** For people. */
  readonly title: string;
  readonly keyNames: readonly string[];
  readonly baseUrlName?: string;
};

/** The variables the vendors' own programs read; of several keys the first that is set counts. */
export const HOSTED_VENDORS: readonly Vendor[] = [
  { kind: 'openai', title: 'OpenAI', keyNames: ['OPENAI_API_KEY'], baseUrlName: 'OPENAI_BASE_URL' },
  { kind: 'anthropic', title: 'Anthropic', keyNames: ['ANTHROPIC_API_KEY'], baseUrlName: 'ANTHROPIC_BASE_URL' },
  { kind: 'gemini', title: 'Google Gemini', keyNames: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] },
  { kind: 'groq', title: 'Groq', keyNames: ['GROQ_API_KEY'] },
];

/** What can be used without any configuration: vendors whose key is set, and an Ollama that answers. */
export async function readEnvironment({ env }: Surroundings, listener: Listener): Promise<EnvironmentConfig> {
  const faults: string[] = [];
  const providers: ProviderSettings[] = [];
  for (const { kind, keyNames, baseUrlName } of HOSTED_VENDORS) {
    const keyName = keyNames.find((name) => filled(env[name]) !== undefined);
    if (keyName === undefined) continue;
    const value = env[keyName]?.trim() ?? '';
    const baseUrl = baseUrlName && filled(env[baseUrlName])?.trim();
    const checks = [
      { name: keyName, fault: keyFault(value) },
      { name: baseUrlName, fault: baseUrl && baseUrlFault(baseUrl, listener) },
    ];
    for (const { name, fault } of checks) if (fault) faults.push(`The environment variable ${name}: ${fault}`);
    const address = baseUrl ? { baseUrl: baseUrl.replace(/\/+$/, '') } : {};
    providers.push({ id: kind, kind, ...address, keys: [{ name: 'default', value, weight: 1 }], status: 'configured' });
  }
  if (faults.length > 0) throw configInvalid(faults);

  const warnings: string[] = [];
  const ollama = await findOllama(env.OLLAMA_HOST, warnings);
  if (ollama) providers.push(ollama.provider);
  if (providers.length === 0) warnings.push(NOTHING_FOUND);
  return { providers, pulled: ollama?.pulled ?? [], warnings };
}

type FoundOllama = { readonly provider: ProviderSettings; readonly pulled: readonly PulledModel[] };

async function findOllama(host: string | undefined, warnings: string[]): Promise<FoundOllama | undefined> {
  const named = filled(host);
  const baseUrl = named === undefined ? OLLAMA_USUAL_URL : ollamaUrlFrom(named);
  const pulled = baseUrl && (await probeOllama('ollama', baseUrl));
  if (!baseUrl || !pulled) {
    if (named !== undefined) warnings.push('Ollama is not used: nothing answers at the address in OLLAMA_HOST.');
    return undefined;
  }
  const keys = [{ name: 'none', value: '', weight: 1 }];
  return { provider: { id: 'ollama', kind: 'ollama', baseUrl, keys, status: 'configured' }, pulled };
}
