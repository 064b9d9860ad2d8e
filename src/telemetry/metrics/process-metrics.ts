import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

const RESOLUTION_MS = 20;

/**
 * Memory, processor time and event-loop delay under the names dashboards for Node know. Written here
 * since prom-client's own set can neither be stopped nor does it do without a garbage collection observer.
 * Returns what stops the measuring.
 */
export function collectProcessMetrics(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });

  // The delay is measured by a timer of that resolution, which itself counts.
  const lagSeconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3);
  gauge('nodejs_eventloop_lag_p50_seconds', 'Event-loop delay since the last scrape, median.', () =>
    lagSeconds(delay.percentile(50)),
  );
  gauge('nodejs_eventloop_lag_p99_seconds', 'Event-loop delay since the last scrape, 99th percentile.', () =>
    lagSeconds(delay.percentile(99)),
  );
  gauge('nodejs_eventloop_lag_max_seconds', 'Event-loop delay since the last scrape, largest.', () => {
    const longest = lagSeconds(delay.max);
    delay.reset();
    return longest;
  });
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge(
    'nodejs_heap_size_used_bytes',
    'JavaScript objects that are alive or not yet collected.',
    () => process.memoryUsage().heapUsed,
  );
  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', () =>
    Math.floor(performance.timeOrigin / 1_000),
  );
  collectProcessorTime(registry);
  return () => delay.disable();
}

function collectProcessorTime(registry: Registry): void {
  let countedMicroseconds = 0;
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process, user and system.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.inc((user + system - countedMicroseconds) / 1e6);
      countedMicroseconds = user + system;
    },
  });
}
