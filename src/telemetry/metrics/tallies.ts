import { Counter, Histogram, type Registry } from 'prom-client';

export type MeterDefinition<Label extends string> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
};

type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One series of a counter. */
export class Tally {
  #untold = 0;

  add(amount = 1): void {
    this.#untold += amount;
  }

  /** What was added since it was last asked for. */
  take(): number {
    const amount = this.#untold;
    this.#untold = 0;
    return amount;
  }
}

/**
 * A counter whose series are held by whoever counts. prom-client checks, sorts and joins the labels at
 * each `inc` to find the series; here that happens at a scrape, for all that was counted since.
 */
export class TalliedCounter<Label extends string> {
  readonly #series: { readonly labels: Labels<Label>; readonly tally: Tally }[] = [];

  constructor({ name, help, labelNames }: MeterDefinition<Label>, registry: Registry) {
    const series = this.#series;
    new Counter({
      ...{ name, help, labelNames, registers: [registry] },
      collect() {
        for (const { labels, tally } of series) {
          const amount = tally.take();
          if (amount > 0) this.inc(labels, amount);
        }
      },
    });
  }

  /** To be asked for once a set of labels, and kept. Appears in the metrics with its first count. */
  series(labels: Labels<Label>): Tally {
    const tally = new Tally();
    this.#series.push({ labels, tally });
    return tally;
  }
}

/** One series of a histogram. */
export class Distribution {
  /** How many values fell into each bucket; those above the last bound are in none. */
  readonly counts: number[];
  count = 0;
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] as number)) place += 1;
    if (place < bounds.length) this.counts[place] = (this.counts[place] as number) + 1;
    this.count += 1;
    this.sum += value;
  }
}

type Series<Label extends string> = { readonly labels: Labels<Label>; readonly distribution: Distribution };
type Exported<Label extends string> = Pick<MeterDefinition<Label>, 'name' | 'help'> & {
  readonly type: 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly {
    readonly metricName: string;
    readonly labels: { readonly le?: number | string };
    readonly sharedLabels: Labels<Label>;
    readonly value: number;
  }[];
};

/** A histogram whose series are held by whoever observes, for the reason `TalliedCounter` gives. */
export class TalliedHistogram<Label extends string> extends Histogram<Label | 'le'> {
  readonly #series: Series<Label>[] = [];
  readonly #definition: MeterDefinition<Label>;
  readonly #buckets: readonly number[];

  constructor(definition: MeterDefinition<Label>, buckets: readonly number[], registry: Registry) {
    super({ ...definition, buckets: [...buckets], registers: [registry] });
    this.#definition = definition;
    this.#buckets = buckets;
  }

  /** To be asked for once a set of labels, and kept. Appears with its first value; without labels, at once. */
  series(labels: Labels<Label>): Distribution {
    const distribution = new Distribution(this.#buckets);
    this.#series.push({ labels, distribution });
    return distribution;
  }

  /** What prom-client asks for both its text and its own `get`, in the form its histograms have. */
  async getForPromString(): Promise<Exported<Label>> {
    const { name, help, labelNames } = this.#definition;
    const shown = this.#series.filter(({ distribution }) => labelNames.length === 0 || distribution.count > 0);
    const values = shown.flatMap((series) => this.#export(series));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }

  #export({ labels: sharedLabels, distribution }: Series<Label>): Exported<Label>['values'] {
    const { name } = this.#definition;
    const { counts, count, sum } = distribution;
    let total = 0;
    const buckets = this.#buckets.map((le, place) => {
      total += counts[place] as number;
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { le: '+Inf' }, sharedLabels, value: count },
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}
