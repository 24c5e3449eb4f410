import { valueAt, type ChartData } from '../lib/chart-data.ts';
import type { Unit } from '../lib/format.ts';
import { colourNumber, type ChartStyle } from './chart-options.ts';

interface ChartLegendProps {
  readonly data: ChartData;
  readonly unit: Unit;
  readonly cursor: number | null;
  readonly hidden: ReadonlySet<string>;
  readonly style: ChartStyle;
  readonly onToggle: (label: string) => void;
}

/** Names, colours and values at the cursor (else the last ones); a name switches its line off and on. */
export function ChartLegend({ data, unit, cursor, hidden, style, onToggle }: ChartLegendProps) {
  const shown = data.series
    .map((series, index) => ({ series, index }))
    .filter(({ index }) => !style.edges?.includes(index));
  return (
    <ul class="legend" aria-label="Legend">
      {shown.map(({ series, index }) => (
        <li key={series.label}>
          <button
            type="button"
            class="legend-button"
            aria-pressed={!hidden.has(series.label)}
            onClick={() => onToggle(series.label)}
          >
            <span
              class={style.dashed?.includes(index) ? 'swatch dashed' : 'swatch'}
              aria-hidden="true"
              style={{ '--swatch': `var(--series-${colourNumber(style, index)})` }}
            />
            {series.label}
          </button>
          <strong>{valueAt(series, cursor, unit)}</strong>
        </li>
      ))}
      {style.spans && style.spans.length > 0 ? (
        <li>
          <span class="swatch span" aria-hidden="true" />
          Incident
        </li>
      ) : null}
      {style.bands?.map((band, index) => (
        <li key={band.label}>
          <span
            class={index === 0 ? 'swatch area' : 'swatch area faint'}
            aria-hidden="true"
            style={{ '--swatch': `var(--series-${band.colour})` }}
          />
          {band.label}
        </li>
      ))}
    </ul>
  );
}
