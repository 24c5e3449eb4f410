import { isNoSample, isStaleMarker, MetricType } from '@plimsoll/proto';
import { type Family, type Series, seriesName } from '../frame/series.ts';
import type { SeriesTable } from '../frame/series-table.ts';

/** The media type of Prometheus' text format 0.0.4. */
export const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

interface FamilyText {
  readonly header: string;
  readonly lines: { readonly start: string; readonly slot: number }[];
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [MetricType.COUNTER, 'counter'],
  [MetricType.GAUGE, 'gauge'],
  [MetricType.HISTOGRAM, 'histogram'],
  [MetricType.SUMMARY, 'summary'],
]);

/** Renders a table as text. All but the numbers is put together once for each layout. */
export class TextPage {
  readonly #table: SeriesTable;
  #layoutId = -1;
  #families: FamilyText[] = [];

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** The values of the last collection; a family without any is left out. */
  render(): string {
    if (this.#layoutId !== this.#table.layoutId) this.#arrange();
    let page = '';
    for (const { header, lines } of this.#families) {
      let head = header;
      for (const { start, slot } of lines) {
        const value = this.#table.get(slot);
        if (isNoSample(value) || isStaleMarker(value)) continue;
        page += `${head}${start} ${formatValue(value)}\n`;
        head = '';
      }
    }
    return page;
  }

  #arrange(): void {
    const families = new Map<string, FamilyText>();
    for (const { slot, series } of this.#table.series()) {
      const { name } = series.family;
      let family = families.get(name);
      if (family === undefined) families.set(name, (family = { header: headerOf(series.family), lines: [] }));
      family.lines.push({ start: startOf(series), slot });
    }
    this.#families = [...families].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, family]) => family);
    this.#layoutId = this.#table.layoutId;
  }
}

function headerOf({ name, help, type }: Family): string {
  const text = help.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
  return `# HELP ${name} ${text}\n# TYPE ${name} ${TYPE_NAMES.get(type) ?? 'untyped'}\n`;
}

function startOf(series: Series): string {
  const { labels } = series;
  if (labels.length === 0) return seriesName(series);
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push(`${labels[i]}="${escapeValue(labels[i + 1] ?? '')}"`);
  return `${seriesName(series)}{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
