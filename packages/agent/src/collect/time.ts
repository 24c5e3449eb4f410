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
/** The zone's abbreviation changes twice a year: no need to read its file at each collection. */
const ZONE_CHECK_MS = 60_000;

/** The host's clock, its zone and the kernel's clock sources. */
export function timeCollector({ paths, files, table, now }: CollectContext): Collector {
  const seconds = table.add(seriesOf([SECONDS]));
  const zones = new KeyedRuns(table, (zone) => seriesOf([ZONE], { time_zone: zone }));
  const sources = new KeyedRuns(table, (key) => {
    const [kind = '', device = '', clocksource = ''] = key.split(' ');
    return seriesOf([kind === 'current' ? CURRENT : AVAILABLE], { device, clocksource });
  });
  const devices = clockDevices(`${paths.sysfs}/devices/system/clocksource`);
  let zone = '';
  let offsetSeconds = 0;
  let zoneReadAt = Number.NEGATIVE_INFINITY;

  return {
    collect() {
      const nowMs = now();
      table.set(seconds, nowMs / 1000);
      if (nowMs < zoneReadAt || nowMs - zoneReadAt >= ZONE_CHECK_MS) {
        offsetSeconds = -60 * new Date(nowMs).getTimezoneOffset();
        zone = readZoneName(offsetSeconds);
        zoneReadAt = nowMs;
      }
      zones.begin();
      table.set(zones.at(zone), offsetSeconds);
      zones.end();
      sources.begin();
      for (const [device, directory] of devices) {
        table.set(
          sources.at(`current ${device} ${files.scan(`${directory}/current_clocksource`).word()}`),
          1,
        );
        const scanner = files.scan(`${directory}/available_clocksource`);
        while (scanner.hasMore()) table.set(sources.at(`available ${device} ${scanner.word()}`), 1);
      }
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
