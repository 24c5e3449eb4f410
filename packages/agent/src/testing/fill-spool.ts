import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Framer } from '../frame/framer.ts';
import { gauge, seriesOf } from '../frame/series.ts';
import { SeriesTable } from '../frame/series-table.ts';
import { createLog } from '../log.ts';
import { Spool } from '../spool/spool.ts';

// Run on a filesystem of its own that is too small: writes more than fits, frees the space, goes on. Prints what it saw.
const FRAMES = 300;
const [directory = ''] = process.argv.slice(2);
const spoolPath = path.join(directory, 'spool');
const log = createLog('error', () => undefined);
const table = new SeriesTable();
table.add(Array.from({ length: 250 }, (_, i) => seriesOf([gauge('m', 'M.')], { i: String(i) })).flat());
const framer = new Framer(table, 5);
const spool = Spool.open(spoolPath, 2 ** 30, log, Date.now);

const written: number[] = [];
for (let i = 0; i < FRAMES; i++) {
  const frame = framer.take(i);
  if (spool.append(frame)) written.push(frame.sequence);
}
const { unwritten } = spool.stats;
const filesWhenFull = readdirSync(spoolPath).length;
const readAgain = Spool.open(spoolPath, 2 ** 30, log, Date.now)
  .take(FRAMES)
  .map(({ sequence }) => sequence);
spool.settle(5, 1, FRAMES);
const goesOn = spool.append(framer.take(FRAMES));
process.stdout.write(
  JSON.stringify({ frames: FRAMES, written, unwritten, filesWhenFull, readAgain, goesOn }),
);
