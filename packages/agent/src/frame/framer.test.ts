import { isNoSample, isStaleMarker, writeStaleMarker } from '@plimsoll/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DictionaryState } from './dictionary-state.ts';
import { Framer, type NewFrame } from './framer.ts';
import { KeyedRuns } from './keyed-runs.ts';
import { gauge, seriesOf } from './series.ts';
import { SeriesTable } from './series-table.ts';

const FAMILIES = [gauge('disk_bytes', 'Bytes.'), gauge('disk_errors', 'Errors.')];

/** Follows frames as a collector does: what each says of the series it has. */
class Reader {
  readonly #state = new DictionaryState(7);

  read(frame: NewFrame): Map<string, number | 'stale'> {
    if (frame.amendment !== undefined) this.#state.apply(frame.amendment);
    if (this.#state.version !== frame.dictionaryVersion) throw new Error('a version was left out');
    const { slots, size } = this.#state.complete();
    const values = new Float64Array(frame.values.slice().buffer);
    if (values.length !== size) throw new Error(`${values.length} values for ${size} slots`);
    const samples = new Map<string, number | 'stale'>();
    for (const { slot, name, labels } of slots) {
      const value = values[slot] ?? 0;
      if (isNoSample(value)) continue;
      if (name === '') throw new Error(`slot ${slot} is free and has a sample`);

      samples.set(`${name} ${labels.join('=')}`, isStaleMarker(value) ? 'stale' : value);
    }
    return samples;
  }
}

describe('frames of a table whose things come and go', () => {
  it('tell every series while it lives, once that it ended, and nothing after', () => {
    const devices = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
    fc.assert(
      fc.property(fc.array(devices, { minLength: 1, maxLength: 30 }), (rounds) => {
        const table = new SeriesTable();
        const framer = new Framer(table, 7);
        const runs = new KeyedRuns(table, (device) => seriesOf(FAMILIES, { device }));
        const reader = new Reader();
        let before: string[] = [];
        for (const [round, present] of rounds.entries()) {
          table.begin();
          runs.begin();
          for (const device of present) {
            const first = runs.at(device);
            table.set(first, round);
            table.set(first + 1, device.charCodeAt(0));
          }
          runs.end();
          const expected = new Map<string, number | 'stale'>();
          for (const device of before) {
            expected.set(`disk_bytes device=${device}`, 'stale');
            expected.set(`disk_errors device=${device}`, 'stale');
          }
          for (const device of present) {
            expected.set(`disk_bytes device=${device}`, round);
            expected.set(`disk_errors device=${device}`, device.charCodeAt(0));
          }
          const samples = reader.read(framer.take(round));
          expect(samples).toEqual(expected);
          before = present;
        }
      }),
    );
  });

  it('reuses the slots of ended series, so that a flapping device does not grow the frame', () => {
    const table = new SeriesTable();
    const framer = new Framer(table, 7);
    const runs = new KeyedRuns(table, (device) => seriesOf(FAMILIES, { device }));
    for (let round = 0; round < 100; round++) {
      table.begin();
      runs.begin();
      runs.at(`device${round}`);
      runs.end();
      framer.take(round);
    }
    expect(table.size).toBeLessThanOrEqual(3 * FAMILIES.length);
  });

  it('marks no sample and the end of a series with different bits', () => {
    const table = new SeriesTable();
    const first = table.add(seriesOf(FAMILIES));
    table.begin();
    table.set(first, 1);
    const values = new Float64Array(new Framer(table, 7).take(0).values.slice().buffer);
    expect(values[0]).toBe(1);
    expect(isNoSample(values[1] ?? 0)).toBe(true);
    writeStaleMarker(values, 1);
    expect(isNoSample(values[1] ?? 0)).toBe(false);
  });

  it('describes the state at its frame when asked for the complete dictionary', () => {
    const table = new SeriesTable();
    const framer = new Framer(table, 7);
    const runs = new KeyedRuns(table, (device) => seriesOf(FAMILIES, { device }));
    const collect = (devices: readonly string[]): NewFrame => {
      table.begin();
      runs.begin();
      for (const device of devices) runs.at(device);
      runs.end();
      return framer.take(0);
    };
    collect(['a', 'b']);
    const ending = collect(['a']);
    // The frame that marks b stale still needs to know b.
    expect(ending.dictionary().slots.filter(({ labels }) => labels[1] === 'b')).toHaveLength(2);
    expect(
      collect(['a'])
        .dictionary()
        .slots.filter(({ labels }) => labels[1] === 'b'),
    ).toHaveLength(0);
  });
});
