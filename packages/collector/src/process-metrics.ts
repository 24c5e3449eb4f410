import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * The usual process_* metrics and the event loop's state. prom-client's own default set is not used: several of its
 * names draw complaints from promtool.
 */
export function registerProcessMetrics(registry: Registry, version: string): void {
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
  registerEventLoopMetrics(registry);
}

function registerEventLoopMetrics(registry: Registry): void {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
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
  registry.registerMetric(utilization);
}
