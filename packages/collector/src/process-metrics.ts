import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Resolution of the event loop's delay histogram, milliseconds. */
const DELAY_RESOLUTION_MS = 10;

/**
 * The usual process_* metrics and the event loop's state. prom-client's own default set is not used: several of its
 * names draw complaints from promtool.
 */
export function registerProcessMetrics(registry: Registry, version: string): Disposable {
  const registers = [registry];
  const startedS = Date.now() / 1000 - process.uptime();
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start time of the process since the Unix epoch.',
    registers,
  }).set(startedS);
  new Gauge({
    name: 'plimsoll_build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.versions.node }, 1);
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size.',
    registers: [],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent, threads included.',
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  for (const metric of [memory, cpu]) registry.registerMetric(metric);
  return registerEventLoopMetrics(registry);
}

function registerEventLoopMetrics(registry: Registry): Disposable {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  const delayed = new Gauge({
    name: 'plimsoll_event_loop_delay_p99_seconds',
    help: 'The 99th percentile of how late the event loop ran its timers since the last scrape.',
    registers: [],
    collect() {
      this.set(Math.max(0, delay.percentile(99) / 1e9 - DELAY_RESOLUTION_MS / 1000));
      delay.reset();
    },
  });
  const utilization = new Gauge({
    name: 'plimsoll_event_loop_utilization_ratio',
    help: 'Share of time the event loop was busy since the last scrape.',
    registers: [],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
  for (const metric of [delayed, utilization]) registry.registerMetric(metric);
  return { [Symbol.dispose]: () => void delay.disable() };
}
