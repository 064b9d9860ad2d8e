import { endOfString } from './bad-json-key.ts';

/** The longest lists of tokens stay below; the largest bodies could hold ten times as many. */
export const JSON_VALUES_MAX = 1_500_000;

const QUOTE = 34;
const COMMA = 44;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/**
 * What would make parsing cost far more than its text: thirty megabytes of brackets hold the process for
 * seconds and take gigabytes. To be asked before `JSON.parse`, so the text may be anything.
 */
export function findJsonExcess(json: string, depthMax: number): 'deep' | 'many' | undefined {
  const { isDeep, values } = measureJson(json, depthMax);
  if (isDeep) return 'deep';
  return values > JSON_VALUES_MAX ? 'many' : undefined;
}

/** How much a text holds if it is JSON, read no further than to where it is too deep or has more than `JSON_VALUES_MAX` values. */
export function measureJson(json: string, depthMax: number): { readonly isDeep: boolean; readonly values: number } {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case BRACE_OPEN:
      case BRACKET_OPEN:
        depth += 1;
        values += 1;
        if (depth > depthMax) return { isDeep: true, values };
        break;
      case BRACE_CLOSE:
      case BRACKET_CLOSE:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
      default:
    }
    if (values > JSON_VALUES_MAX) break;
  }
  return { isDeep: false, values };
}
