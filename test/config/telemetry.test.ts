import { expect, it } from 'vitest';
import { faultsOf, load } from './load.ts';

it.each([
  ['nothing', {}, undefined],
  [
    'the base of every signal',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' },
    'http://collector:4318/v1/traces',
  ],
  ['the address of traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/x' }, 'https://c/x'],
  [
    'both, of which the closer one counts',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/v1/traces' },
    'http://b/v1/traces',
  ],
  ['a switch that turns all off', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_SDK_DISABLED: 'true' }, undefined],
  ['no exporter', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_TRACES_EXPORTER: 'none' }, undefined],
])('the environment names where traces go: %s', async (_what, env, otlpUrl) => {
  expect((await load({}, { env })).telemetry).toEqual(otlpUrl === undefined ? {} : { otlpUrl });
});

it('the configuration wins over the environment', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' };
  const { telemetry } = await load({ telemetry: { otlpEndpoint: 'http://b:4318' } }, { env });
  expect(telemetry).toEqual({ otlpUrl: 'http://b:4318/v1/traces' });
});

it('a faulty address in the file is a fault, one in the environment a warning', async () => {
  expect(await faultsOf({ telemetry: { otlpEndpoint: 'collector:4318' } })).toEqual([
    expect.stringContaining('telemetry.otlpEndpoint: must be an address that begins with http:// or https://'),
  ]);
  const { telemetry, warnings } = await load({}, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' } });
  expect(telemetry).toEqual({});
  expect(warnings.join('\n')).toContain('the environment variable OTEL_EXPORTER_OTLP_ENDPOINT must be an address');
});

it('the log has a level only when one is configured, since each command has its own default', async () => {
  expect((await load({})).log).toEqual({});
  expect((await load({ log: { level: 'debug' } })).log).toEqual({ level: 'debug' });
});

it.each([
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 1],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc', 1],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', 0],
])('%s of %s is warned of %i times, as traces are JSON over HTTP', async (name, protocol, times) => {
  const { telemetry, warnings } = await load(
    {},
    { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4317', [name]: protocol } },
  );
  expect(telemetry).toEqual({ otlpUrl: 'http://a:4317/v1/traces' });
  expect(warnings.filter((warning) => warning.includes('not by gRPC')).length).toBe(times);
});
