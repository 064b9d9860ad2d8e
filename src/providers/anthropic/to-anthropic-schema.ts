import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import { findReferenced } from '../../core/json/find-referenced.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';

/**
 * The schema in the subset that Claude can be held to: the vendor's own SDK moves the rest, such as `minimum`, into
 * descriptions. Undefined when it has none: a part lacks a type, or leads back to itself.
 * Source: platform.claude.com/docs, "structured outputs", whose limitations hold for strict tools too.
 */
export function toAnthropicSchema(schema: JsonObject): JsonObject | undefined {
  if (leadsBackToItself(schema)) return undefined;
  try {
    return { ...transformJSONSchema(withCurrentNames(schema)) };
  } catch {
    return undefined;
  }
}

function leadsBackToItself(root: JsonObject): boolean {
  const entered = new Set<JsonValue>();
  const left = new Set<JsonValue>();
  const leadsBack = (node: JsonValue): boolean => {
    if (Array.isArray(node)) return node.some(leadsBack);
    if (!isJsonObject(node) || left.has(node)) return false;
    if (entered.has(node)) return true;
    entered.add(node);
    const referenced = typeof node.$ref === 'string' ? findReferenced(node.$ref, root) : undefined;
    if (referenced !== undefined && leadsBack(referenced)) return true;
    if (Object.values(node).some(leadsBack)) return true;
    left.add(node);
    return false;
  };
  return leadsBack(root);
}

/** Older drafts call `definitions` what the vendor knows as `$defs`. */
function withCurrentNames(schema: JsonObject): JsonObject {
  const { definitions, ...rest } = schema;
  if (!isJsonObject(definitions)) return schema;
  const renamed = { ...rest, $defs: { ...definitions, ...(isJsonObject(schema.$defs) && schema.$defs) } };
  return JSON.parse(JSON.stringify(renamed), (key, value) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#\/definitions\//, '#/$defs/') : value,
  );
}
