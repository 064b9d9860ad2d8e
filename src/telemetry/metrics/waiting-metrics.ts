import { Gauge, type Registry } from 'prom-client';
import { type ModelRef, parseModelRef } from '../../core/model.ts';
import { createLabelValues, OTHER } from './label-values.ts';

/** What is asked at each scrape about places at targets, and about who waits for them. */
export type WaitingSources = {
  readonly isKnownModel: (ref: ModelRef) => boolean;
  /** Requests that wait for a rate limit or a place. */
  readonly queueLength: () => number;
  /** By model. */
  readonly loads: () => readonly { readonly target: string; readonly limit: number; readonly inFlight: number }[];
};

/** The line of the gateway, and how many requests each model is given at once. */
export function defineWaitingMetrics(registry: Registry, { isKnownModel, queueLength, loads }: WaitingSources): void {
  const models = createLabelValues((ref) => isKnownModel(ref as ModelRef));
  /** Models that may be no label are left out: a limit is nobody's sum. */
  const labelled = () =>
    loads().flatMap(({ target, ...load }) => {
      const model = models.of(target);
      const provider = parseModelRef(model)?.provider;
      return model === OTHER || provider === undefined ? [] : [{ labels: { provider, model }, ...load }];
    });
  new Gauge({
    name: 'signalbox_queue_length',
    help: 'Requests that wait for a rate limit, or for a model that is asked as much at once as it takes.',
    registers: [registry],
    collect() {
      this.set(queueLength());
    },
  });
  const defineGauge = (name: string, help: string, counted: 'limit' | 'inFlight') =>
    new Gauge({
      name,
      help,
      labelNames: ['provider', 'model'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, [counted]: value } of labelled()) this.set(labels, value);
      },
    });
  defineGauge(
    'signalbox_concurrency_limit',
    'How many requests a model is given at once by this process; it follows latency and errors.',
    'limit',
  );
  defineGauge('signalbox_concurrency_in_use', 'How many requests a model has from this process now.', 'inFlight');
}
