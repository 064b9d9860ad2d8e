import { endOfString } from './bad-json-key.ts';

/** The longest lists of tokens stay below; the largest bodies could hold ten times as many. */
export const JSON_VALUES_MAX = 1_500_000;
/** Of one object. Each of a million costs several times what it costs among a few thousand, again with every copy. */
export const JSON_MEMBERS_MAX = 10_000;

export type JsonExcess = 'deep' | 'many' | 'wide';
/** What a text holds, as far as it was read. */
export type JsonExtent = { readonly values: number; readonly excess: JsonExcess | undefined };

const QUOTE = 34;
const COMMA = 44;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/**
 * What would make parsing cost far more than its text: thirty megabytes of brackets, or of the keys of one object,
 * hold the process for seconds. To be asked before `JSON.parse`, so the text may be anything.
 */
export function findJsonExcess(json: string, depthMax: number): JsonExcess | undefined {
  return measureJson(json, depthMax).excess;
}

/** The same, and how many values there are up to it. */
export function measureJson(json: string, depthMax: number): JsonExtent {
  /** Of the object at the place, and of those around it; what is no object may hold any number. */
  let members = Number.NEGATIVE_INFINITY;
  const around: number[] = [];
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case BRACE_OPEN:
      case BRACKET_OPEN:
        around.push(members);
        members = json.charCodeAt(at) === BRACE_OPEN ? 1 : Number.NEGATIVE_INFINITY;
        depth += 1;
        values += 1;
        if (depth > depthMax) return { values, excess: 'deep' };
        break;
      case BRACE_CLOSE:
      case BRACKET_CLOSE:
        depth -= 1;
        members = around.pop() ?? Number.NEGATIVE_INFINITY;
        break;
      case COMMA:
        members += 1;
        values += 1;
        if (members > JSON_MEMBERS_MAX) return { values, excess: 'wide' };
        break;
      default:
    }
    if (values > JSON_VALUES_MAX) return { values, excess: 'many' };
  }
  return { values, excess: undefined };
}
