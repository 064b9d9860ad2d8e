import type { GatewayError } from '../../core/errors.ts';
import { findReferenced } from '../../core/json/find-referenced.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import { describeValue, shorten } from '../../core/wording/describe-value.ts';
import { invalidField, readObject } from './read-value.ts';

/** One tool's schema; a hundred of the largest still fit a request. */
const CHARACTERS_MAX = 256 * 1024;
const DEPTH_MAX = 64;
/** What stands here is data, not a schema. */
const DATA_KEYWORDS = new Set(['enum', 'const', 'default', 'examples']);

/** Tools without arguments have no schema; every vendor takes this one for them. */
export const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

/**
 * The JSON Schema of a tool's arguments, rooted in an object. Refuses what vendors choke on one by one:
 * references that leave the schema, lead nowhere or round in a circle, a `pattern` that is none, numbers beyond all,
 * nesting and size.
 */
export function readToolSchema(value: JsonValue | undefined, param: string): JsonObject {
  if (value === undefined || value === null) return NO_ARGUMENTS;
  const schema = readObject(value, param);
  if (schema.type !== undefined && schema.type !== 'object') {
    throw invalidField(`${param}.type`, 'must be "object": the arguments of a tool have names');
  }
  let characters = 0;
  const references = new ReferenceCheck(schema, param);
  const pending: { readonly node: JsonValue; readonly depth: number; readonly isData: boolean }[] = [
    { node: schema, depth: 0, isData: false },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth, isData } = next;
    characters += typeof node === 'string' ? node.length : 4;
    if (characters > CHARACTERS_MAX) {
      throw invalidField(param, `is larger than ${CHARACTERS_MAX.toLocaleString('en-US')} characters; describe less`);
    }
    // In JSON again it would be null.
    if (typeof node === 'number' && !Number.isFinite(node)) throw invalidField(param, `holds ${describeValue(node)}`);
    if (typeof node !== 'object' || node === null) continue;
    if (depth >= DEPTH_MAX) throw invalidField(param, `is nested deeper than ${DEPTH_MAX} levels; flatten it`);
    if (!isData && isJsonObject(node)) {
      references.check(node);
      checkPattern(node, param);
    }
    for (const [key, child] of Object.entries(node)) {
      characters += key.length;
      pending.push({ node: child, depth: depth + 1, isData: isData || DATA_KEYWORDS.has(key) });
    }
  }
  return schema.type === undefined ? { type: 'object', ...schema } : schema;
}

/** A schema that is nothing but a reference may lead to another such one, but not back to itself. */
class ReferenceCheck {
  readonly #root: JsonObject;
  readonly #param: string;
  /** Where a reference is known to end: none is followed twice, or long chains would take quadratic time. */
  readonly #followed = new Set<JsonValue>();

  constructor(root: JsonObject, param: string) {
    this.#root = root;
    this.#param = param;
  }

  check(start: JsonObject): void {
    const met = new Set<JsonValue>();
    for (let node: JsonValue | undefined = start; isJsonObject(node) && !this.#followed.has(node); ) {
      const { $ref }: JsonObject = node;
      if (typeof $ref !== 'string') break;
      if (met.has(node)) throw this.#invalid($ref, 'which leads back to itself');
      met.add(node);
      if (!$ref.startsWith('#')) throw this.#invalid($ref, 'and only references within the schema are followed');
      node = findReferenced($ref, this.#root);
      if (node === undefined) throw this.#invalid($ref, 'which leads nowhere');
    }
    for (const node of met) this.#followed.add(node);
  }

  #invalid($ref: string, fault: string): GatewayError {
    return invalidField(this.#param, `holds the reference ${quote($ref)}, ${fault}`);
  }
}

function checkPattern({ pattern }: JsonObject, param: string): void {
  if (typeof pattern === 'string' && !isPattern(pattern)) {
    throw invalidField(param, `holds the pattern ${quote(pattern)}, which is no regular expression`);
  }
}

/** JSON Schema asks for ECMA-262 with Unicode; servers also take what only the older grammar allows. */
function isPattern(text: string): boolean {
  return ['u', ''].some((flags) => {
    try {
      new RegExp(text, flags);
      return true;
    } catch {
      return false;
    }
  });
}

function quote(text: string): string {
  return JSON.stringify(shorten(text));
}
