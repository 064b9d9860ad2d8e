/** Where a trace comes from: W3C Trace Context, www.w3.org/TR/trace-context, `traceparent`. */
export type TraceParent = { readonly traceId: string; readonly spanId: string; readonly sampled: boolean };

/** Later versions may add fields at the end; version ff is forbidden. */
const PATTERN = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Far more than any version has; what is longer came from somebody who tries. */
const CHARACTERS_MAX = 256;

/** Undefined for one that is malformed: the specification says to start a new trace then. */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  if (header === undefined || header.length > CHARACTERS_MAX) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = PATTERN.exec(header.trim()) ?? [];
  if (traceId === '' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
