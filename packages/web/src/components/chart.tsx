import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TimeSeriesChart, TimeSeriesChartProps } from './time-series-chart.tsx';

/** The drawing library is more than half of the code: it is fetched with the first chart. */
const loaded = signal<typeof TimeSeriesChart | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  try {
    const module = await import('./time-series-chart.tsx');
    loaded.value = module.TimeSeriesChart;
    failed.value = false;
  } catch {
    // A collector that was upgraded meanwhile serves other file names; only a reload finds them.
    failed.value = true;
  }
}

export function Chart(props: TimeSeriesChartProps) {
  useEffect(() => {
    if (loaded.value === null) void load();
  }, []);
  const Component = loaded.value;
  if (Component) return <Component {...props} />;
  return failed.value ? (
    <p class="field-error" role="alert">
      The chart could not be fetched. Reload the page; the collector may have been upgraded.
    </p>
  ) : (
    <p class="loading">Fetching the chart …</p>
  );
}
