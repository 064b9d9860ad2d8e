import type { AttemptSummary } from '../../core/books.ts';
import type { AttemptRole } from '../../core/verification.ts';
import { formatCount } from '../../mcp/rendering/format.ts';
import { oneLine } from './terminal.ts';

export type AttemptFacts = {
  readonly model: string;
  readonly role?: string | undefined;
  readonly status: string;
  readonly error?: string | undefined;
  readonly latencyMs?: number | undefined;
};

/** How an attempt that failed ended, for people. */
const ENDS: Readonly<Record<string, string>> = {
  pending: 'running',
  settled: 'billed',
  failed_unbilled: 'not billed',
  truncated: 'cut short',
  cancelled: 'cancelled',
  unknown: 'end unknown',
  not_sent: 'not sent',
} satisfies Record<AttemptSummary['status'], string>;

/** What an attempt was for, where it was not for the answer itself. */
const ROLES: Readonly<Record<string, string>> = {
  peer: 'second opinion',
  escalation: 'stronger',
} satisfies Record<AttemptRole, string>;

/** `openai/gpt-6-luna: provider_overloaded, not billed, 97 ms`. */
export function attemptLine({ model, role, status, error, latencyMs }: AttemptFacts): string {
  const answered = status === 'settled' && error === undefined;
  const facts = [
    ...(role === undefined ? [] : [ROLES[role] ?? role]),
    ...(error === undefined ? [] : [error]),
    answered ? 'answered' : (ENDS[status] ?? status),
    ...(latencyMs === undefined ? [] : [`${formatCount(Math.round(latencyMs))} ms`]),
  ];
  // A cancel is both the error and the end.
  return `${oneLine(model)}: ${[...new Set(facts)].join(', ')}`;
}
