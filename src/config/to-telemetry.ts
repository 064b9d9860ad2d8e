import type { Problems } from './file/problems.ts';
import { filled, type Surroundings } from './folders.ts';

const TRACES_PATH = '/v1/traces';
const NOT_HTTP = 'must be an address that begins with http:// or https://';

/**
 * Where traces are sent: what the configuration says, or the variables every OpenTelemetry program
 * reads (opentelemetry.io/docs/specs/otel/protocol/exporter). A faulty variable is a warning: traces are
 * no reason not to start.
 */
export function toTelemetry(
  configured: string | undefined,
  env: Surroundings['env'],
  { problems, warnings }: { readonly problems: Problems; readonly warnings: string[] },
): { readonly otlpUrl?: string } {
  if (configured !== undefined) {
    if (isHttp(configured)) return { otlpUrl: withTracesPath(configured) };
    problems.add(['telemetry', 'otlpEndpoint'], NOT_HTTP);
    return {};
  }
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return {};
  const exact = filled(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
  const base = filled(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const url = exact ?? (base && withTracesPath(base));
  if (url === undefined) return {};
  if (isHttp(url)) return { otlpUrl: url };
  const name = exact ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  warnings.push(`No traces are sent: the environment variable ${name} ${NOT_HTTP}.`);
  return {};
}

function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

function withTracesPath(base: string): string {
  const trimmed = base.replace(/\/+$/, '');
  return trimmed.endsWith(TRACES_PATH) ? trimmed : trimmed + TRACES_PATH;
}
