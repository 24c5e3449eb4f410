import { expect, test } from 'vitest';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { needsRestart } from './needs-restart.ts';

const config = async (text: string): Promise<LoadedConfig> =>
  loadConfig({ flags: { 'config.file': 'plimsoll.yml' }, env: {}, readFile: async () => text });

test('names what only the next start takes', async () => {
  const started = await config('storage: {retention: {time: 30d}, maxFuture: 10m}');
  const changed = `
storage: {retention: {time: 7d}, maxFuture: 5m}
global: {external_labels: {site: a}}
ingest: {maxSeriesTotal: 5, maxSeriesPerAgent: 4}
desk: {reopenGrace: 0s}`;
  expect(needsRestart(started, await config(changed)).toSorted()).toEqual([
    'global.external_labels',
    'global.external_labels.site',
    'ingest.maxSeriesTotal',
    'storage.retention.time',
  ]);
});

test('says nothing of a file whose settings are the same', async () => {
  const started = await config('storage: {retention: {time: 24h}}');
  expect(needsRestart(started, await config('storage: {retention: {time: 24h}}\nrule_files: []'))).toEqual(
    [],
  );
});
