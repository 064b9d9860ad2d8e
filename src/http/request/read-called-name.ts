import type { JsonValue } from '../../core/json/json.ts';
import { readFilledText } from './read-value.ts';

/**
 * The name in a call that a model made. Models make names up (`functions.look`, `look<|channel|>commentary`), the client answers that there is
 * no such tool, and both come back in each turn from then on. No vendor takes such a name: it gets one that reads alike.
 */
export function readCalledName(value: JsonValue | undefined, place: string, charactersMax: 64 | 128): string {
  return readFilledText(value, place)
    .replaceAll(/[^\w-]/gu, '_')
    .slice(0, charactersMax);
}
