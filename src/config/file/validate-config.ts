import type * as z from 'zod';
import { isJsonObject, type JsonValue } from '../../core/json/json.ts';
import { type ConfigInput, configSchema } from '../schema/config-schema.ts';
import type { ConfigPath } from './config-document.ts';
import { explainIssue } from './explain-issue.ts';
import type { Problems } from './problems.ts';

/** Each round takes at least one faulty part out; no file needs as many. */
const ROUNDS_MAX = 50;

/**
 * Checks the shape. Every fault is added to `problems`, then the faulty parts are left out, so that
 * the checks of meaning that follow can report theirs in the same go.
 */
export function validateConfig(value: JsonValue, problems: Problems): ConfigInput {
  let remaining: JsonValue = isJsonObject(value) ? value : {};
  if (!isJsonObject(value)) problems.add([], 'the configuration must be an object');
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const result = configSchema.safeParse(remaining);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      // What an earlier round left out is missing now: that is no fault of the file.
      if (round === 0) for (const { path, message, at } of explainIssue(issue, value)) problems.add(path, message, at);
    }
    for (const path of faultyParts(result.error.issues)) remaining = without(remaining, path);
  }
  return configSchema.parse({});
}

function faultyParts(issues: readonly z.core.$ZodIssue[]): readonly ConfigPath[] {
  return issues.flatMap((issue): readonly ConfigPath[] => {
    const path = issue.path as ConfigPath;
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
    // Taking one element out of a list would shift the others away from their places in the file.
    const firstIndex = path.findIndex((step) => typeof step === 'number');
    return [firstIndex === -1 ? path : path.slice(0, firstIndex)];
  });
}

/** A copy without the part; where the part does not exist (a missing key), without what surrounds it. */
function without(value: JsonValue, path: ConfigPath): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return {};
  if (!isJsonObject(value)) return value;
  const { [String(step)]: child, ...others } = value;
  if (child === undefined) return value;
  if (rest.length === 0) return others;
  const reduced = without(child, rest);
  return reduced === child ? others : { ...others, [String(step)]: reduced };
}
