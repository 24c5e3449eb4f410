import { readdirSync } from 'node:fs';
import { KeyedRuns } from '../frame/keyed-runs.ts';
import { gauge, seriesOf } from '../frame/series.ts';
import type { CollectContext, Collector } from './collector.ts';
import { readZoneName } from './zone-name.ts';

const SECONDS = gauge('node_time_seconds', 'System time in seconds since epoch (1970).');
const ZONE = gauge('node_time_zone_offset_seconds', 'System time zone offset in seconds.');
const AVAILABLE = gauge(
  'node_time_clocksource_available_info',
  "Available clocksources read from '/sys/devices/system/clocksource'.",
);
const CURRENT = gauge(
  'node_time_clocksource_current_info',
  "Current clocksource read from '/sys/devices/system/clocksource'.",
);
/** Zones and clock sources change a few times a year: no need to read their files at each collection. */
const REFRESH_MS = 60_000;

/** The host's clock, its zone and the kernel's clock sources. */
export function timeCollector({ paths, files, table, now }: CollectContext): Collector {
  const seconds = table.add(seriesOf([SECONDS]));
  const zones = new KeyedRuns(table, (zone) => seriesOf([ZONE], { time_zone: zone }));
  const sources = new KeyedRuns(table, (key) => {
    const [kind = '', device = '', clocksource = ''] = key.split(' ');
    return seriesOf([kind === 'current' ? CURRENT : AVAILABLE], { device, clocksource });
  });
  const devices = clockDevices(`${paths.sysfs}/devices/system/clocksource`);
  const readClockSources = (): string[] => {
    const found: string[] = [];
    for (const [device, directory] of devices) {
      found.push(`current ${device} ${files.attribute(`${directory}/current_clocksource`) ?? ''}`);
      const available = files.attribute(`${directory}/available_clocksource`) ?? '';
      found.push(...available.split(' ').map((source) => `available ${device} ${source}`));
    }
    return found;
  };
  let keys: string[] = [];
  let zone = '';
  let offsetSeconds = 0;
  let readAt = Number.NEGATIVE_INFINITY;

  return {
    collect() {
      const nowMs = now();
      table.set(seconds, nowMs / 1000);
      if (nowMs < readAt || nowMs - readAt >= REFRESH_MS) {
        offsetSeconds = -60 * new Date(nowMs).getTimezoneOffset();
        zone = readZoneName(offsetSeconds);
        keys = readClockSources();
        readAt = nowMs;
      }
      zones.begin();
      table.set(zones.at(zone), offsetSeconds);
      zones.end();
      sources.begin();
      for (const key of keys) table.set(sources.at(key), 1);
      sources.end();
    },
  };
}

/** The clock source devices with their numbers: `clocksource0` is `0`. */
function clockDevices(directory: string): Map<string, string> {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    // Containers often have no such tree: then there is nothing to tell.
    names = [];
  }
  return new Map(
    names
      .filter((name) => /^clocksource\d+$/.test(name))
      .map((name) => [name.slice('clocksource'.length), `${directory}/${name}`]),
  );
}
