import type { Problems } from './file/problems.ts';
import { filled, type Surroundings } from './folders.ts';

const TRACES_PATH = '/v1/traces';
/** Of `http/protobuf` nothing is said: a collector that takes it takes JSON at the same address, but for a few. */
const NO_GRPC =
  'Traces are sent as JSON over HTTP, not by gRPC as the environment says: name the address where the collector takes that (usually port 4318) in telemetry.otlpEndpoint.';
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
  if (isHttp(url)) {
    const protocol = filled(env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL) ?? filled(env.OTEL_EXPORTER_OTLP_PROTOCOL);
    if (protocol === 'grpc') warnings.push(NO_GRPC);
    return { otlpUrl: url };
  }
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
