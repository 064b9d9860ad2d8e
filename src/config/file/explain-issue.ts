import type * as z from 'zod';
import type { JsonValue } from '../../core/json/json.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';
import { configJsonSchema } from '../schema/json-schema.ts';
import { type ConfigPath, valueAt } from './config-document.ts';
import { didYouMean } from './problems.ts';

type Issue = z.core.$ZodIssue;
export type Explanation = { readonly path: ConfigPath; readonly message: string; readonly at: 'key' | 'value' };

/**
 * One clause for each fault of the file's shape. Values are not repeated: any text may be a secret.
 * Only where one of a few words is expected the nearest of them is named.
 */
export function explainIssue(issue: Issue, config: JsonValue): readonly Explanation[] {
  const path = issue.path as ConfigPath;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(path);
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known), at: 'key' as const }));
  }
  const inside = issue.code === 'invalid_union' ? faultsOfForm(issue.errors) : undefined;
  if (inside) return inside.flatMap((fault) => explainIssue({ ...fault, path: [...path, ...fault.path] }, config));
  return [{ path, message: clauseOf(issue, valueAt(config, path)), at: 'value' }];
}

/** What is wrong within the one form that a value has of those allowed; undefined when it has none of them, or may be meant as several. */
function faultsOfForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const isWithin = ({ path, code }: Issue) => path.length > 0 || code === 'unrecognized_keys';
  const [form, ...others] = forms.filter((faults) => faults.every(isWithin));
  return others.length === 0 ? form : undefined;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  return `unknown key${near === undefined ? `; known here: ${known.join(', ')}` : didYouMean(near)}`;
}

function clauseOf(issue: Issue, value: JsonValue | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      if (typeof value === 'number' && !Number.isFinite(value)) return 'is too large a number';
      return value === undefined ? 'is missing' : `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return oneOf(issue, value);
    case 'too_small':
      return `must ${bound(issue.origin, Number(issue.minimum), issue.inclusive !== false ? 'at least' : 'more than')}`;
    case 'too_big':
      return `must ${bound(issue.origin, Number(issue.maximum), issue.inclusive !== false ? 'at most' : 'less than')}`;
    case 'invalid_union':
      return issue.message === 'Invalid input' ? 'must be a text or a whole number' : issue.message;
    default:
      return issue.message;
  }
}

function oneOf(issue: Extract<Issue, { code: 'invalid_value' }>, value: JsonValue | undefined): string {
  if (!issue.message.startsWith('Invalid option')) return issue.message;
  const choices = issue.values.map(String);
  if (value === undefined) return `is missing; it is one of ${choices.join(', ')}`;
  const near = typeof value === 'string' ? nearestName(value, choices) : undefined;
  return `must be one of ${choices.join(', ')}${didYouMean(near)}`;
}

function bound(origin: string, limit: number, word: string): string {
  if (origin === 'string') return limit === 1 ? 'not be empty' : `have ${word} ${limit} characters`;
  if (origin === 'array') return `have ${word} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `be ${word} ${limit}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

type Schema = z.core.JSONSchema.BaseSchema;

/** The keys an object may have at this place of the configuration. */
function keysAt(path: ConfigPath): readonly string[] {
  let schemas = formsOf(configJsonSchema());
  for (const step of path) schemas = schemas.flatMap((schema) => formsOf(childOf(schema, step)));
  const keys = schemas.flatMap(({ properties }) => Object.keys(properties ?? {}));
  return [...new Set(keys)].filter((key) => key !== '$schema');
}

/** What may be written as a text or as an object has a schema for each. */
function formsOf(schema: Schema | undefined): readonly Schema[] {
  return schema?.anyOf ?? (schema ? [schema] : []);
}

function childOf({ properties, additionalProperties, items }: Schema, step: string | number): Schema | undefined {
  const child = typeof step === 'number' ? items : (properties?.[step] ?? additionalProperties);
  return typeof child === 'object' && !Array.isArray(child) ? child : undefined;
}
