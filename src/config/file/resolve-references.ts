import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import type { Surroundings } from '../folders.ts';
import type { ConfigPath } from './config-document.ts';
import { type Problems, pathText } from './problems.ts';
import { resolveReference } from './references.ts';

/** Why a provider's key is missing, by the place of the key. */
export type MissingKeys = ReadonlyMap<string, string>;

type Context = {
  readonly surroundings: Surroundings;
  /** Relative `file:` references start here. */
  readonly baseDir: string;
  readonly problems: Problems;
  readonly missingKeys: Map<string, string>;
};

/**
 * The configuration with its references resolved. A provider's key that is missing becomes empty
 * and is noted; anywhere else that is a fault, and so is a reference that is malformed. Values under `server`
 * are left to `signalbox serve`, and what is disabled or not available yet is left alone.
 */
export async function resolveReferences(
  value: JsonValue,
  context: Omit<Context, 'missingKeys'>,
): Promise<{ readonly value: JsonValue; readonly missingKeys: MissingKeys }> {
  const missingKeys = new Map<string, string>();
  return { value: await resolveAt(value, [], { ...context, missingKeys }), missingKeys };
}

const RESOLVED_SECTIONS = [
  'dataDir',
  'providers',
  'models',
  'routing',
  'cache',
  'limits',
  'tools',
  'log',
  'telemetry',
  'alerts',
  'budgets',
  'rateLimits',
];

async function resolveAt(value: JsonValue, path: ConfigPath, context: Context): Promise<JsonValue> {
  if (typeof value === 'string') return await resolveText(value, path, context);
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const [index, item] of value.entries()) items.push(await resolveAt(item, [...path, index], context));
    return items;
  }
  if (!isJsonObject(value) || isDisabledProvider(value, path)) return value;
  const entries: [string, JsonValue][] = [];
  for (const [key, child] of Object.entries<JsonValue>(value)) {
    const resolved = path.length > 0 || RESOLVED_SECTIONS.includes(key);
    entries.push([key, resolved ? await resolveAt(child, [...path, key], context) : child]);
  }
  return Object.fromEntries(entries);
}

async function resolveText(text: string, path: ConfigPath, context: Context): Promise<string> {
  const resolved = await resolveReference(text, context.surroundings, context.baseDir);
  if (resolved.ok) return resolved.value;
  if (resolved.isMalformed || !isProviderKey(path)) {
    context.problems.add(path, resolved.reason);
    return text;
  }
  context.missingKeys.set(pathText(path), resolved.reason);
  return '';
}

function isDisabledProvider(value: JsonObject, path: ConfigPath): boolean {
  return path.length === 2 && path[0] === 'providers' && value.enabled === false;
}

function isProviderKey([section, , field, index, property]: ConfigPath): boolean {
  if (section !== 'providers') return false;
  return (field === 'apiKey' && index === undefined) || (field === 'keys' && property === 'value');
}
