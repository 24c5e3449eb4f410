import { benchBreach } from './breach.ts';
import { benchEventLoop } from './event-loop.ts';
import { benchIngest } from './ingest.ts';
import { benchLive } from './live.ts';
import { benchQueries } from './queries.ts';
import { benchDisk } from './store-disk.ts';
import { benchHistory } from './store-history.ts';
import { benchSync } from './store-sync.ts';
import { benchScan } from './store-scan.ts';
import { benchRestart, benchSeries } from './store-series.ts';
import { type Figure, printFigures } from './support/figure.ts';

/** `npm run bench [NAME...]`: runs the benchmarks named, or all, one after the other. */
const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  ingest: benchIngest,
  'event-loop': benchEventLoop,
  live: benchLive,
  breach: benchBreach,
  queries: benchQueries,
  disk: benchDisk,
  series: benchSeries,
  restart: benchRestart,
  scan: benchScan,
  history: benchHistory,
  sync: benchSync,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benches);
for (const name of names) {
  const bench = benches[name];
  if (bench === undefined) {
    console.error(`no benchmark is called ${name}; there are ${Object.keys(benches).join(', ')}`);
    process.exitCode = 2;
    break;
  }
  console.log(`${name}:`);
  printFigures(await bench());
}
