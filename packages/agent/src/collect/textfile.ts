import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, type Series, seriesOf } from '../frame/series.ts';
import { MAX_TEXTFILE_BYTES, MAX_TEXTFILES } from '../limits.ts';
import { LogLimit } from '../log.ts';
import type { CollectContext, Collector } from './collector.ts';
import { type MergedText, mergeText } from './merge-text.ts';
import { type ParsedText, parseText } from './parse-text.ts';

const MTIME = gauge('node_textfile_mtime_seconds', 'Unixtime mtime of textfiles successfully read.');
const SCRAPE_ERROR = gauge(
  'node_textfile_scrape_error',
  '1 if there was an error opening or reading a file, 0 otherwise',
);

interface TextFile {
  readonly version: string;
  readonly mtimeSeconds: number;
  /** Undefined where the file could not be read. */
  readonly parsed: ParsedText | undefined;
}

/** Metrics that cron jobs and scripts write to `*.prom` files. A file is parsed again only when it changed. */
export function textfileCollector(context: CollectContext): Collector {
  const { table, log } = context;
  const limit = new LogLimit(context.now);
  const scrapeError = table.add(seriesOf([SCRAPE_ERROR]));
  const mtimes = new KeyedRuns(table, (file) => seriesOf([MTIME], { file }));
  let merged: MergedText = { samples: [], conflict: undefined };
  const seriesByKey = new Map<string, Series>();
  const runs = new KeyedRuns(table, (key) => {
    const series = seriesByKey.get(key);
    return series === undefined ? [] : [series];
  });
  let files = new Map<string, TextFile>();

  const complain = (subject: string, err: unknown): void => {
    const passed = limit.pass(subject);
    if (passed !== undefined)
      log.error({ file: subject, err, ...passed }, 'a textfile could not be collected');
  };

  const refresh = (): boolean => {
    const found = findFiles(context.textfileDirectories, complain);
    const next = new Map(found.paths.map((file) => [file, readTextFile(file, files.get(file), complain)]));
    const changed = next.size !== files.size || [...next].some(([file, read]) => files.get(file) !== read);
    files = next;
    if (changed) {
      merged = mergeText(new Map([...files].map(([file, { parsed }]) => [file, parsed])));
      seriesByKey.clear();
      for (const { key, series } of merged.samples) seriesByKey.set(key, series);
    }
    if (merged.conflict !== undefined)
      complain(merged.conflict, 'the same series or another help text is in two files');
    return (
      !found.failed && merged.conflict === undefined && [...files.values()].every(({ parsed }) => parsed)
    );
  };

  return {
    collect() {
      const clean = refresh();
      runs.begin();
      for (const { key, value } of merged.samples) table.set(runs.at(key), value);
      runs.end();
      mtimes.begin();
      for (const [file, { parsed, mtimeSeconds }] of files) {
        if (parsed !== undefined) table.set(mtimes.at(file), mtimeSeconds);
      }
      mtimes.end();
      table.set(scrapeError, clean ? 0 : 1);
    },
  };
}

type Complain = (subject: string, error: unknown) => void;

function findFiles(directories: readonly string[], complain: Complain): { paths: string[]; failed: boolean } {
  const paths: string[] = [];
  let failed = false;
  for (const pattern of directories) {
    const matched = /[*?[]/.test(pattern) ? globSync(pattern) : [];
    for (const directory of matched.length > 0 ? matched : [pattern]) {
      try {
        for (const name of readdirSync(directory).sort()) {
          if (name.endsWith('.prom')) paths.push(path.join(directory, name));
        }
      } catch (error) {
        failed = true;
        complain(directory, error);
      }
    }
  }
  if (paths.length <= MAX_TEXTFILES) return { paths, failed };
  complain('textfiles', `${paths.length} files, of which the first ${MAX_TEXTFILES} are read`);
  return { paths: paths.slice(0, MAX_TEXTFILES), failed: true };
}

function readTextFile(file: string, known: TextFile | undefined, complain: Complain): TextFile {
  try {
    const stat = statSync(file);
    const version = `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    if (known?.version === version) return known;
    const mtimeSeconds = Math.floor(stat.mtimeMs / 1000);
    const failed = { version, mtimeSeconds, parsed: undefined };
    if (stat.size > MAX_TEXTFILE_BYTES) {
      complain(file, `larger than ${MAX_TEXTFILE_BYTES} bytes`);
      return failed;
    }
    try {
      return { version, mtimeSeconds, parsed: parseText(readFileSync(file, 'utf8')) };
    } catch (error) {
      complain(file, error);
      return failed;
    }
  } catch (error) {
    complain(file, error);
    return { version: '', mtimeSeconds: 0, parsed: undefined };
  }
}
