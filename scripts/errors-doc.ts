import { ERROR_CODES, type ErrorPolicy, errorPolicy } from '../src/core/error-codes.ts';

const SAME_TARGET = { no: 'no', once: 'once', backoff: 'with backoff' } satisfies Record<
  ErrorPolicy['retrySame'],
  string
>;
const NEXT = { no: 'no', yes: 'yes', 'larger-window': 'if its window is larger' } satisfies Record<
  ErrorPolicy['tryNext'],
  string
>;
const KEY = {
  none: '',
  last: 'asked last',
  cool: 'rests for the model',
  disable: 'rests for all models',
} satisfies Record<ErrorPolicy['key'], string>;
const BREAKER = { none: '', count: 'counts' } satisfies Record<ErrorPolicy['breaker'], string>;

/** `docs/errors.md`, from the one table of error codes. */
export function renderErrorsDoc(): string {
  const rows = ERROR_CODES.map((code) => {
    const policy = errorPolicy(code);
    return [
      `\`${code}\``,
      policy.meaning,
      policy.httpStatus,
      `\`${policy.openaiType}\``,
      SAME_TARGET[policy.retrySame],
      NEXT[policy.tryNext],
      KEY[policy.key],
      BREAKER[policy.breaker],
      policy.callerMayRetry ? 'yes' : 'no',
    ];
  });
  const heads = [
    'Code',
    'Meaning',
    'HTTP status',
    'OpenAI `type`',
    'Same target again',
    'Next candidate',
    'Key',
    'Circuit breaker',
    'Repeat later',
  ];
  return `# Errors

Generated from \`src/core/error-codes.ts\` by \`npm run docs\`.

Every failure carries one of these codes: in \`structuredContent.error.code\` of an MCP result, in the \`error\` of an
attempt, and in the books. The same table decides what Signalbox does about it: whether the same target is asked
again, whether the next candidate is tried, what happens to the key, and whether the failure counts in the target's
circuit breaker. "Repeat later" says whether the caller may send the very same request again with hope. At most three
attempts are made for a request (\`limits.attemptsMax\` changes that), whatever the table says.

${[heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
}
