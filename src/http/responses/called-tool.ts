import { createHash } from 'node:crypto';

/** What a function of a namespace is called by in the Responses API. Models have no namespaces. */
type NamespacedName = { readonly namespace: string; readonly name: string };

/** What the client calls a tool, and what it is when it is no function: a tool of free text, or a search for tools. */
export type CalledTool = { readonly name: string; readonly namespace?: string; readonly kind?: 'custom' | 'search' };

/** No vendor takes a longer name of a function. */
const CHARACTERS_MAX = 64;
const HASH_CHARACTERS = 8;

/** The one name that a model knows the function by; the same pair always gives the same. */
export function toPlainName({ namespace, name }: NamespacedName): string {
  const whole = `${namespace}${namespace.endsWith('__') ? '' : '__'}${name}`;
  if (whole.length <= CHARACTERS_MAX) return whole;
  const hash = createHash('sha256')
    .update(JSON.stringify([namespace, name]))
    .digest('hex')
    .slice(0, HASH_CHARACTERS);
  return `${whole.slice(0, CHARACTERS_MAX - HASH_CHARACTERS - 1)}_${hash}`;
}
