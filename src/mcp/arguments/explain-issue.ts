import type * as z from 'zod';
import { describeValue, shorten } from '../../core/wording/describe-value.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';

type Issue = z.core.$ZodIssue;

/** One sentence for one fault of the arguments. `known` are the valid names at the top level. */
export function explainIssue(issue: Issue, known: readonly string[]): string {
  const field = fieldName(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownArgument(issue.keys, issue.path, known);
    case 'invalid_type':
      return issue.input === undefined && issue.path.length > 0
        ? `${field} is required and must be ${typeName(issue.expected)}.`
        : `${field} must be ${typeName(issue.expected)}, not ${describeValue(issue.input)}.`;
    case 'invalid_value':
      return explainChoice(field, issue);
    case 'too_small':
      return `${field} must ${bound(issue.origin, 'at least', issue.minimum, issue.inclusive !== false)}${got(issue)}.`;
    case 'too_big':
      return `${field} must ${bound(issue.origin, 'at most', issue.maximum, issue.inclusive !== false)}${got(issue)}.`;
    case 'invalid_union': {
      // One of a list's items is at fault, not that it is a list.
      const inner = issue.errors.find((faults) => faults.every(({ path }) => path.length > 0))?.[0];
      if (inner !== undefined) return explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, known);
      return `${field} ${issue.message}, not ${describeValue(issue.input)}.`;
    }
    default:
      return `${field} ${issue.message}.`;
  }
}

/** `messages[0].role`, in quotes; the arguments as a whole when the path is empty. */
export function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'The arguments';
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return JSON.stringify(shorten(text.replace(/^\./, '')));
}

function unknownArgument(keys: readonly string[], path: readonly PropertyKey[], known: readonly string[]): string {
  const names = keys.slice(0, 5).map((key) => JSON.stringify(shorten(key)));
  const where = path.length === 0 ? '' : ` in ${fieldName(path)}`;
  const start = `Unknown argument${names.length > 1 ? 's' : ''} ${names.join(', ')}${where}`;
  if (path.length > 0) return `${start}.`;
  const near = keys.length === 1 && keys[0] !== undefined ? nearestName(keys[0], known) : undefined;
  return `${start}${near === undefined ? '' : `; did you mean "${near}"?`}${near === undefined ? '; valid are ' : ' Valid are '}${known.join(', ')}.`;
}

function explainChoice(field: string, issue: Extract<Issue, { code: 'invalid_value' }>): string {
  const choices = issue.values.map(String);
  const asked = issue.input;
  if (asked === undefined) return `${field} is required and must be one of ${choices.join(', ')}.`;
  const near = typeof asked === 'string' ? nearestName(asked, choices) : undefined;
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return `${field} must be one of ${choices.join(', ')}, not ${describeValue(asked)}${hint === '' ? '.' : hint}`;
}

function bound(origin: string, word: 'at least' | 'at most', limit: number | bigint, inclusive: boolean): string {
  const figure = Number(limit).toLocaleString('en-US', { maximumFractionDigits: 12 });
  switch (origin) {
    case 'string':
      return `have ${word} ${figure} character${limit === 1 ? '' : 's'}`;
    case 'array':
    case 'set':
    case 'map':
      return `have ${word} ${figure} item${limit === 1 ? '' : 's'}`;
    default:
      return inclusive ? `be ${word} ${figure}` : `be ${word === 'at least' ? 'more' : 'less'} than ${figure}`;
  }
}

function got(issue: { readonly origin: string; readonly input?: unknown }): string {
  if (issue.origin === 'array' && Array.isArray(issue.input)) return `, not ${issue.input.length}`;
  return typeof issue.input === 'number' ? `, not ${issue.input}` : '';
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}
