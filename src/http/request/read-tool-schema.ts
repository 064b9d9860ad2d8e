import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { invalidField, readObject } from './read-value.ts';

/** One tool's schema; a hundred of the largest still fit a request. */
const CHARACTERS_MAX = 256 * 1024;
const DEPTH_MAX = 64;
/** What stands here is data, not a schema. */
const DATA_KEYWORDS = new Set(['enum', 'const', 'default', 'examples']);

/** Tools without arguments have no schema; every vendor takes this one for them. */
const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

/**
 * The JSON Schema of a tool's arguments, rooted in an object. Refuses what vendors choke on one by one:
 * references that leave the schema, lead nowhere or round in a circle, a `pattern` that is none, nesting and size.
 */
export function readToolSchema(value: JsonValue | undefined, param: string): JsonObject {
  if (value === undefined || value === null) return NO_ARGUMENTS;
  const schema = readObject(value, param);
  if (schema.type !== undefined && schema.type !== 'object') {
    throw invalidField(`${param}.type`, 'must be "object": the arguments of a tool have names');
  }
  let characters = 0;
  const pending: { readonly node: JsonValue; readonly depth: number; readonly isData: boolean }[] = [
    { node: schema, depth: 0, isData: false },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth, isData } = next;
    characters += typeof node === 'string' ? node.length : 4;
    if (characters > CHARACTERS_MAX) {
      throw invalidField(param, `is larger than ${CHARACTERS_MAX.toLocaleString('en-US')} characters; describe less`);
    }
    if (typeof node !== 'object' || node === null) continue;
    if (depth >= DEPTH_MAX) throw invalidField(param, `is nested deeper than ${DEPTH_MAX} levels; flatten it`);
    if (!isData && isJsonObject(node)) checkKeywords(node, schema, param);
    for (const [key, child] of Object.entries(node)) {
      characters += key.length;
      pending.push({ node: child, depth: depth + 1, isData: isData || DATA_KEYWORDS.has(key) });
    }
  }
  return schema.type === undefined ? { type: 'object', ...schema } : schema;
}

function checkKeywords(node: JsonObject, root: JsonObject, param: string): void {
  if (typeof node.$ref === 'string') checkReference(node, root, param);
  if (typeof node.pattern === 'string' && !isPattern(node.pattern)) {
    throw invalidField(param, `holds the pattern ${quote(node.pattern)}, which is no regular expression`);
  }
}

/** A schema that is nothing but a reference may lead to another such one, but not back to itself. */
function checkReference(start: JsonObject, root: JsonObject, param: string): void {
  const met = new Set<JsonValue>();
  for (let node: JsonValue | undefined = start; isJsonObject(node) && typeof node.$ref === 'string'; ) {
    if (met.has(node)) throw invalidField(param, `holds the reference ${quote(node.$ref)}, which leads back to itself`);
    met.add(node);
    const { $ref }: JsonObject = node;
    if (typeof $ref !== 'string') return;
    if (!$ref.startsWith('#')) {
      throw invalidField(param, `holds the reference ${quote($ref)}; only references within the schema are followed`);
    }
    node = find($ref, root);
    if (node === undefined) throw invalidField(param, `holds the reference ${quote($ref)}, which leads nowhere`);
  }
}

/** Source: RFC 6901, JSON Pointer in a URI fragment. */
function find(reference: string, root: JsonObject): JsonValue | undefined {
  if (reference === '#') return root;
  let node: JsonValue | undefined = root;
  for (const step of reference.slice(2).split('/')) {
    const key = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as JsonObject)[key];
  }
  return node;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
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
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
