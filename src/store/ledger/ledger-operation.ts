import type { AttemptOutcome, AttemptStart, RequestEnd, RequestStart } from '../../core/books.ts';
import type { AttemptId, CallId } from '../../core/ids.ts';
import { isJsonObject, type JsonValue } from '../../core/json/json.ts';

/**
 * One change of the books as plain JSON, so that it can wait in a journal. Applying it twice, late
 * or before what it belongs to gives the same books. `isOfRefused`: what it belongs to was refused, and does not come.
 */
export type LedgerOperation =
  /** `end`: of a request that was over when it began, such as one answered from the cache. */
  | { readonly type: 'record-request'; readonly request: RequestStart; readonly end?: RequestEnd | undefined }
  | { readonly type: 'record-attempt'; readonly attempt: AttemptStart }
  | { readonly type: 'settle-attempt'; readonly id: AttemptId; readonly outcome: AttemptOutcome }
  | { readonly type: 'void-attempt'; readonly id: AttemptId; readonly isOfRefused?: true }
  | { readonly type: 'end-request'; readonly id: CallId; readonly end: RequestEnd; readonly isOfRefused?: true };

const TYPES: readonly string[] = [
  'record-request',
  'record-attempt',
  'settle-attempt',
  'void-attempt',
  'end-request',
] satisfies LedgerOperation['type'][];

/** Reads a line of our own journal; undefined for anything else, such as a line that was cut. */
export function parseLedgerOperation(line: string): LedgerOperation | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    if (!isJsonObject(value) || typeof value.type !== 'string' || !TYPES.includes(value.type)) return undefined;
    return value as unknown as LedgerOperation;
  } catch {
    return undefined;
  }
}

/** Begins what ends with another operation. */
export function isBeginning(operation: LedgerOperation): boolean {
  return operation.type === 'record-attempt' || (operation.type === 'record-request' && operation.end === undefined);
}

/** What a call waits for: its attempts are what costs. */
export function isOfAttempt({ type }: LedgerOperation): boolean {
  return type === 'record-attempt' || type === 'settle-attempt' || type === 'void-attempt';
}

/** The id of the row that the operation changes. */
export function rowIdOf(operation: LedgerOperation): string {
  switch (operation.type) {
    case 'record-request':
      return operation.request.id;
    case 'record-attempt':
      return operation.attempt.id;
    case 'settle-attempt':
    case 'void-attempt':
    case 'end-request':
      return operation.id;
    default:
      return operation satisfies never;
  }
}
