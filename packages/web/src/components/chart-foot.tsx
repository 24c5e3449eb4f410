import type uPlot from 'uplot';
import { useState } from 'preact/hooks';
import type { ChartData } from '../lib/chart-data.ts';
import { csv } from '../lib/csv.ts';
import { download } from '../lib/download.ts';
import { formatValue, noValue, type Unit } from '../lib/format.ts';
import { formatInstant } from '../lib/time.ts';

interface ChartFootProps {
  readonly title: string;
  readonly unit: Unit;
  readonly data: ChartData;
  readonly plot: { readonly current: uPlot | undefined };
}

/** The same data as a table and as files. */
export function ChartFoot({ title, unit, data, plot }: ChartFootProps) {
  const [open, setOpen] = useState(false);
  const saveCsv = () => {
    const header = ['time', ...data.series.map((series) => series.label)];
    const rows = data.times.map((time, index) => [
      new Date(time * 1000).toISOString(),
      ...data.series.map((series) => series.values[index] ?? null),
    ]);
    download(`${title}.csv`, new Blob([csv(header, rows)], { type: 'text/csv' }));
  };
  const savePng = () => {
    if (plot.current) savePicture(plot.current.ctx.canvas, `${title}.png`);
  };
  return (
    <div class="chart-foot">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>View as table</summary>
        {open ? <ChartTable title={title} unit={unit} data={data} /> : null}
      </details>
      <button type="button" class="button quiet" onClick={saveCsv} aria-label={`${title} as CSV`}>
        CSV
      </button>
      <button type="button" class="button quiet" onClick={savePng} aria-label={`${title} as PNG`}>
        PNG
      </button>
    </div>
  );
}

/** With the page's ground behind it: a picture of light lines on nothing cannot be read elsewhere. */
function savePicture(drawn: HTMLCanvasElement, name: string): void {
  const canvas = document.createElement('canvas');
  canvas.width = drawn.width;
  canvas.height = drawn.height;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawn, 0, 0);
  canvas.toBlob((blob) => {
    if (blob) download(name, blob);
  });
}

function ChartTable({ title, unit, data }: Omit<ChartFootProps, 'plot'>) {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={`${title}, table`}>
      <table class="table">
        <caption class="visually-hidden">{title}, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {data.series.map((series) => (
              <th scope="col" class="number" key={series.label}>
                {series.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.times
            .map((time, index) => ({ time, index }))
            .toReversed()
            .map(({ time, index }) => (
              <tr key={time}>
                <th scope="row" class="fit">
                  {formatInstant(time * 1000)}
                </th>
                {data.series.map((series) => {
                  const value = series.values[index];
                  return (
                    <td class="number" key={series.label}>
                      {value === null || value === undefined ? noValue : formatValue(value, unit)}
                    </td>
                  );
                })}
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
