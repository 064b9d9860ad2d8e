import { GatewayError } from '../../core/errors.ts';
import { fieldName } from './explain-issue.ts';

/** Nesting that no honest schema needs; deeper ones only exhaust somebody's stack. */
const DEPTH_MAX = 64;

type Node = { readonly value: unknown; readonly path: readonly PropertyKey[] };

/**
 * Refuses text no provider can carry (half of a surrogate pair, NUL) anywhere in the arguments, and
 * objects nested too deep. Walks without recursion, since the depth is the caller's.
 */
export function refuseBrokenText(value: unknown): void {
  const pending: Node[] = [{ value, path: [] }];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (typeof node.value === 'string') refuseText(node.value, node.path);
    if (typeof node.value !== 'object' || node.value === null) continue;
    if (node.path.length >= DEPTH_MAX) {
      const place = fieldName(node.path.slice(0, 1));
      throw new GatewayError('invalid_request', `${place} is nested deeper than ${DEPTH_MAX} levels; flatten it.`);
    }
    for (const [key, child] of Object.entries(node.value)) {
      if (!Array.isArray(node.value)) refuseText(key, [...node.path, key]);
      pending.push({ value: child, path: [...node.path, Array.isArray(node.value) ? Number(key) : key] });
    }
  }
}

function refuseText(text: string, path: readonly PropertyKey[]): void {
  if (!text.isWellFormed()) {
    const message = `${fieldName(path)} is not valid Unicode: it holds half of a surrogate pair; send the whole character or leave it out.`;
    throw new GatewayError('invalid_request', message);
  }
  const nulAt = text.indexOf('\0');
  if (nulAt >= 0) {
    const message = `${fieldName(path)} holds a NUL character (U+0000) at position ${nulAt}; remove it.`;
    throw new GatewayError('invalid_request', message);
  }
}
