import type { ToolCallPart, VendorState } from '../core/message.ts';
import { PROVIDER_KINDS } from '../core/model.ts';

/** Longer state stays behind: a client keeps it with every turn and sends it back each time. */
const STATE_CHARACTERS_MAX = 64 * 1024;
const ID_PREFIX = 'sbx_';
/** What every client takes for a tool call's id; Anthropic's check it. */
const PLAIN_ID = /^(?!sbx_)[a-zA-Z0-9_-]+$/;

/**
 * The id a client gets for a tool call. Clients return ids unchanged and know no other field that
 * comes back from all of them, so the vendor's state (Gemini's thought signature) travels inside, and
 * so does an id of unusual characters. Plain ids without state stay as they are.
 */
export function toCarriedId({ id, vendorState }: Pick<ToolCallPart, 'id' | 'vendorState'>): string {
  const state = vendorState && vendorState.value.length <= STATE_CHARACTERS_MAX ? vendorState : undefined;
  if (state === undefined && PLAIN_ID.test(id)) return id;
  return ID_PREFIX + encode(state ? [id, state.kind, state.value] : [id]);
}

/** What `toCarriedId` put into an id; any other id stands for itself. */
export function fromCarriedId(carried: string): Pick<ToolCallPart, 'id' | 'vendorState'> {
  if (!carried.startsWith(ID_PREFIX)) return { id: carried };
  const [id, kind, value] = decode(carried.slice(ID_PREFIX.length));
  if (id === undefined || id === '') return { id: carried };
  const vendorState = toState(kind, value);
  return { id, ...(vendorState && { vendorState }) };
}

/** A vendor's state as one word, for a field that clients return unread; undefined when it is too long. */
export function toCarriedState({ kind, value }: VendorState): string | undefined {
  return value.length <= STATE_CHARACTERS_MAX ? encode([kind, value]) : undefined;
}

/** What `toCarriedState` wrote; undefined for anything else. */
export function fromCarriedState(carried: string): VendorState | undefined {
  const [kind, value] = decode(carried);
  return toState(kind, value);
}

function encode(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The texts inside; none when it is not ours. Callers may send anything. */
function decode(carried: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(carried, 'base64url').toString('utf8'));
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}

function toState(kind: string | undefined, value: string | undefined): VendorState | undefined {
  const known = PROVIDER_KINDS.find((each) => each === kind);
  return known === undefined || value === undefined ? undefined : { kind: known, value };
}
