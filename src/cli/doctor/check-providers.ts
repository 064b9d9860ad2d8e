import type { App } from '../../app.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import { formatPlural } from '../../mcp/rendering/format.ts';
import { oneLine } from '../output/terminal.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

type Status = Awaited<ReturnType<App['gateway']['providerStatus']>>[number];

/** Asks every provider for its free model list: that proves address and key, and costs nothing. */
export async function checkProviders(
  { gateway }: App,
  source: LoadedConfig['source'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const statuses = await gateway.providerStatus({ probe: true }, signal);
  if (statuses.length === 0) {
    const remedy =
      source === 'environment'
        ? 'Set a key such as OPENAI_API_KEY, start Ollama, or run "signalbox init".'
        : 'Add one under "providers": beside a configuration, keys in the environment alone configure none.';
    return [fail('providers', 'none is configured.', remedy)];
  }
  const findings = statuses.flatMap(judge);
  const usable = statuses.some(({ status }) => ['healthy', 'degraded', 'unknown'].includes(status));
  return usable ? findings : [...findings, fail('providers', 'none can be used.', 'Mend one of those above.')];
}

function judge({
  id,
  status,
  probedModels,
  kind,
  unlistedModels = [],
  lastError,
  keys,
}: Status): Finding | readonly Finding[] {
  const about = `provider ${id}`;
  switch (status) {
    case 'unconfigured':
      // The warning about the configuration has named its variable.
      return [];
    case 'disabled':
      return ok(about, 'is switched off in the configuration.');
    case 'down':
      return fail(about, wordsOf(lastError, id), remedyFor(lastError?.code));
    case 'degraded':
      return judgeDegraded(about, keys);
    case 'healthy':
    case 'unknown':
      if (unlistedModels.length > 0) {
        const message = `answers, but does not list ${unlistedModels.join(', ')}, which routing names.`;
        return warn(about, message, remedyForUnlisted(unlistedModels, kind));
      }
      return probedModels === undefined
        ? warn(about, `shows no list of its models, by which it could be checked: ${wordsOf(lastError, id)}`, UNCHECKED)
        : ok(about, `answers, and lists ${formatPlural(probedModels, 'model')}.`);
    default:
      return status satisfies never;
  }
}

const UNCHECKED = 'Ask it something. If that fails, check its baseUrl, which mostly ends in "/v1".';

/** The name of the provider stands before it already. */
function wordsOf(lastError: Status['lastError'], id: string): string {
  return oneLine(lastError?.message ?? 'does not answer.')
    .replace(`Provider ${id}: `, '')
    .replace(`Provider ${id} `, '');
}

function remedyFor(code: NonNullable<Status['lastError']>['code'] | undefined): string {
  switch (code) {
    case 'provider_auth':
      return 'Check the key: its provider refuses it.';
    case 'quota_exhausted':
      return 'Top up the account, or use another key.';
    case 'rate_limited':
      return 'Wait; the provider limits the rate.';
    default:
      return 'Check the address, the network, and whether the provider is up.';
  }
}

function remedyForUnlisted([name]: readonly string[], kind: Status['kind']): string {
  const get = kind === 'ollama' ? `Run "ollama pull ${name}"` : 'Ask the provider to let this key use them';
  return `${get}, or take them out of "routing": others are asked in their place.`;
}

/** By its keys that rest; all of them are ready where it has only failed lately. */
function judgeDegraded(about: string, keys: Status['keys']): Finding {
  const resting = keys.filter(({ status }) => status !== 'ready');
  const [first] = resting;
  if (!first) return warn(about, 'answers now, but has failed lately.', '"signalbox status" shows more.');
  const rests = resting.map(({ name, status, reason }) => `key ${name} is ${status}${reason ? ` (${reason})` : ''}`);
  return warn(about, `answers now, but ${rests.join(', ')}.`, remedyFor(first.reason));
}
