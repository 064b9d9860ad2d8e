import { endOfString } from './json-structure.ts';

/** The longest lists of tokens stay below; the largest bodies could hold ten times as many. */
export const JSON_VALUES_MAX = 1_500_000;
/** Of one object. Each of a million costs several times what it costs among a few thousand, again with every copy. */
export const JSON_MEMBERS_MAX = 10_000;
/** Of all objects together. One whose name nobody had at its place costs V8 as much as a hundred values: a description of its own. */
export const JSON_ALL_MEMBERS_MAX = 250_000;

export type JsonExcess = 'deep' | 'many' | 'wide' | 'crowded';
/** What a text holds, as far as it was read. */
export type JsonExtent = {
  readonly values: number;
  readonly members: number;
  readonly excess: JsonExcess | undefined;
};

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BRACE_OPEN = 123;
const BRACE_CLOSE = 125;

/**
 * What would make parsing cost far more than its text: thirty megabytes of brackets, or of the keys of one object,
 * hold the process for seconds. To be asked before `JSON.parse`, so the text may be anything.
 */
export function findJsonExcess(json: string, depthMax: number, valuesMax?: number): JsonExcess | undefined {
  return measureJson(json, depthMax, valuesMax).excess;
}

/** The same, and how many values and members there are up to it. */
export function measureJson(json: string, depthMax: number, valuesMax = JSON_VALUES_MAX): JsonExtent {
  /** Of the object at the place, and of those around it; what is no object may hold any number. */
  let members = Number.NEGATIVE_INFINITY;
  const around: number[] = [];
  let depth = 0;
  let values = 0;
  let allMembers = 0;
  const extent = (excess?: JsonExcess): JsonExtent => ({ values, members: allMembers, excess });
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
        if (depth > depthMax) return extent('deep');
        break;
      case BRACE_CLOSE:
      case BRACKET_CLOSE:
        depth -= 1;
        members = around.pop() ?? Number.NEGATIVE_INFINITY;
        break;
      case COMMA:
        members += 1;
        values += 1;
        if (members > JSON_MEMBERS_MAX) return extent('wide');
        break;
      case COLON:
        allMembers += 1;
        if (allMembers > JSON_ALL_MEMBERS_MAX) return extent('crowded');
        break;
      default:
    }
    if (values > valuesMax) return extent('many');
  }
  return extent();
}
