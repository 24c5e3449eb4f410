import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isNoSample } from '@plimsoll/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seriesName } from '../frame/series.ts';
import { SeriesTable } from '../frame/series-table.ts';
import { createLog } from '../log.ts';
import { Collection } from './collection.ts';
import type { CollectContext, Collector } from './collector.ts';
import { parseCpuList } from './cpu-list.ts';
import { readMounts } from './mounts.ts';
import { portableCollectors } from './portable.ts';
import { PseudoFiles } from './pseudo-files.ts';
import { linuxCollectors } from './registry.ts';
import { zoneNameOf } from './zone-name.ts';

/** A host made of files, and what its collectors say of it. */
class FakeHost implements Disposable {
  readonly root = mkdtempSync(path.join(tmpdir(), 'plimsoll-host-'));
  readonly table = new SeriesTable();
  readonly files = new PseudoFiles();
  readonly context: CollectContext;
  nowMs = 1_700_000_000_000;

  constructor(textfileDirectories: readonly string[] = []) {
    this.context = {
      paths: {
        procfs: path.join(this.root, 'proc'),
        sysfs: path.join(this.root, 'sys'),
        rootfs: '',
        udevData: path.join(this.root, 'udev'),
      },
      textfileDirectories: textfileDirectories.map((directory) => path.join(this.root, directory)),
      files: this.files,
      table: this.table,
      log: createLog('error', () => undefined),
      now: () => this.nowMs,
    };
  }

  write(file: string, content: string): void {
    const full = path.join(this.root, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, content);
  }

  make(name: string): Collector {
    const make = linuxCollectors[name];
    if (make === undefined) throw new Error(name);
    return make(this.context);
  }

  async collect(collector: Collector): Promise<Map<string, number>> {
    this.table.begin();
    this.files.begin();
    await collector.collect();
    return this.samples();
  }

  /** Series with a sample, as `name{a=b,c=d}`. */
  samples(): Map<string, number> {
    const samples = new Map<string, number>();
    for (const { slot, series } of this.table.series()) {
      if (isNoSample(this.table.get(slot))) continue;
      const pairs: string[] = [];
      for (let i = 0; i < series.labels.length; i += 2)
        pairs.push(`${series.labels[i]}=${series.labels[i + 1]}`);
      samples.set(`${seriesName(series)}{${pairs.join(',')}}`, this.table.get(slot));
    }
    return samples;
  }

  [Symbol.dispose](): void {
    this.files[Symbol.dispose]();
    rmSync(this.root, { recursive: true });
  }
}

/** /proc/stat with these lines of CPUs. */
function stat(cpus: readonly string[]): string {
  return [
    'cpu  1 2 3 4',
    ...cpus,
    `intr 9007199254740993 ${'0 '.repeat(5000)}`,
    'ctxt 42',
    'btime 1700000000',
    'processes 77',
    'procs_running 3',
    'procs_blocked 1',
    'softirq 1 2 3',
    '',
  ].join('\n');
}

describe('collectors on a host of our own making', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost(['textfiles']);
  });
  afterEach(() => host[Symbol.dispose]());

  it('cpu: seconds by mode, with guest time, for each CPU there is', async () => {
    host.write('proc/stat', stat(['cpu0 100 200 300 400 500 600 700 800 90 10', 'cpu12 1 0 0 0']));
    const samples = await host.collect(host.make('cpu'));
    expect(samples.get('node_cpu_seconds_total{cpu=0,mode=user}')).toBe(1);
    expect(samples.get('node_cpu_seconds_total{cpu=0,mode=steal}')).toBe(8);
    expect(samples.get('node_cpu_guest_seconds_total{cpu=0,mode=user}')).toBe(0.9);
    expect(samples.get('node_cpu_guest_seconds_total{cpu=0,mode=nice}')).toBe(0.1);
    expect(samples.get('node_cpu_seconds_total{cpu=12,mode=user}')).toBe(0.01);
    expect(samples.size).toBe(20);
  });

  it('cpu: holds a counter that steps back a little, starts over with a CPU that was replaced', async () => {
    const cpu = host.make('cpu');
    const idle = async (ticks: number): Promise<number | undefined> => {
      host.write('proc/stat', stat([`cpu0 500 0 0 ${ticks}`]));
      return (await host.collect(cpu)).get('node_cpu_seconds_total{cpu=0,mode=idle}');
    };
    expect(await idle(10_000)).toBe(100);
    expect(await idle(9_950)).toBe(100);
    expect(await idle(10_100)).toBe(101);
    expect(await idle(100)).toBe(1);
  });

  it('cpu: tells which CPUs are online and isolated where they can be switched', async () => {
    host.write('proc/stat', stat(['cpu0 1 1 1 1']));
    host.write('sys/devices/system/cpu/cpu0/online', '1\n');
    host.write('sys/devices/system/cpu/present', '0-2\n');
    host.write('sys/devices/system/cpu/online', '0,2\n');
    host.write('sys/devices/system/cpu/isolated', '2\n');
    const samples = await host.collect(host.make('cpu'));
    expect([0, 1, 2].map((cpu) => samples.get(`node_cpu_online{cpu=${cpu}}`))).toEqual([1, 0, 1]);
    expect(samples.get('node_cpu_isolated{cpu=2}')).toBe(1);
  });

  it('cpu: counts throttling once for a core that two threads share', async () => {
    host.write('proc/stat', stat(['cpu0 1 1 1 1']));
    host.write('sys/devices/system/cpu/present', '0-1\n');
    for (const cpu of [0, 1]) {
      host.write(`sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, '0\n');
      host.write(`sys/devices/system/cpu/cpu${cpu}/topology/core_id`, '4\n');
      host.write(`sys/devices/system/cpu/cpu${cpu}/thermal_throttle/core_throttle_count`, '7\n');
      host.write(`sys/devices/system/cpu/cpu${cpu}/thermal_throttle/package_throttle_count`, '9\n');
    }
    const samples = await host.collect(host.make('cpu'));
    expect(samples.get('node_cpu_core_throttles_total{core=4,package=0}')).toBe(7);
    expect(samples.get('node_cpu_package_throttles_total{package=0}')).toBe(9);
  });

  it('stat: counts, boot time and processes, whatever the length of the interrupt line', async () => {
    host.write('proc/stat', stat(['cpu0 1 1 1 1']));
    const samples = await host.collect(host.make('stat'));
    expect(Object.fromEntries(samples)).toEqual({
      'node_intr_total{}': 9007199254740992,
      'node_context_switches_total{}': 42,
      'node_boot_time_seconds{}': 1_700_000_000,
      'node_forks_total{}': 77,
      'node_procs_running{}': 3,
      'node_procs_blocked{}': 1,
    });
  });

  it('meminfo: every field, in bytes where it has a unit, and follows fields that move', async () => {
    const meminfo = host.make('meminfo');
    host.write('proc/meminfo', 'MemTotal:       16 kB\nActive(anon):    3 kB\nHugePages_Total:       5\n');
    const samples = await host.collect(meminfo);
    expect(Object.fromEntries(samples)).toEqual({
      'node_memory_MemTotal_bytes{}': 16384,
      'node_memory_Active_anon_bytes{}': 3072,
      'node_memory_HugePages_Total{}': 5,
    });
    host.write('proc/meminfo', 'MemTotal:       16 kB\nNew:    1 kB\nHugePages_Total:       6\n');
    const later = await host.collect(meminfo);
    expect(later.get('node_memory_HugePages_Total{}')).toBe(6);
    expect(later.get('node_memory_New_bytes{}')).toBe(1024);
    expect(later.has('node_memory_Active_anon_bytes{}')).toBe(false);
  });

  it('netdev: all columns of each device, names with dots and colons-free, and the packets no one wanted', async () => {
    const head = 'Inter-|   Receive  |  Transmit\n face |bytes    packets errs|bytes    packets errs\n';
    host.write(
      'proc/net/dev',
      `${head}    lo:    10  2    0    0    0     0          0         0     11      3    0    0    0     0       0          0\n` +
        `eth0.100:18446744073709551615 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n`,
    );
    host.write('sys/class/net/eth0.100/statistics/rx_nohandler', '99\n');
    const netdev = host.make('netdev');
    const samples = await host.collect(netdev);
    expect(samples.get('node_network_receive_bytes_total{device=lo}')).toBe(10);
    expect(samples.get('node_network_transmit_packets_total{device=lo}')).toBe(3);
    expect(samples.get('node_network_receive_bytes_total{device=eth0.100}')).toBe(2 ** 64);
    expect(samples.get('node_network_transmit_compressed_total{device=eth0.100}')).toBe(15);
    expect(samples.get('node_network_receive_nohandler_total{device=eth0.100}')).toBe(99);
    expect(samples.has('node_network_receive_nohandler_total{device=lo}')).toBe(false);
    host.write('proc/net/dev', `${head}    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`);
    const later = await host.collect(netdev);
    expect([...later.keys()].some((key) => key.includes('eth0'))).toBe(false);
  });

  it('diskstats: the columns this kernel has, without partitions, and what udev knows', async () => {
    host.write(
      'proc/diskstats',
      [
        '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11',
        '   8       1 sda1 1 1 1 1 1 1 1 1 1 1 1',
        ' 259       0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17',
        '',
      ].join('\n'),
    );
    host.write(
      'udev/b8:0',
      'S:disk/by-id/x\nE:ID_MODEL=Spinner\nE:ID_SERIAL_SHORT=S1\nE:ID_ATA=1\nE:ID_ATA_ROTATION_RATE_RPM=7200\n',
    );
    host.write('sys/block/sda/queue/rotational', '1\n');
    const samples = await host.collect(host.make('diskstats'));
    expect(samples.get('node_disk_read_bytes_total{device=sda}')).toBe(3 * 512);
    expect(samples.get('node_disk_io_time_weighted_seconds_total{device=sda}')).toBe(0.011);
    expect(samples.has('node_disk_discards_completed_total{device=sda}')).toBe(false);
    expect(samples.get('node_disk_flush_requests_time_seconds_total{device=nvme0n1}')).toBe(0.017);
    expect(samples.get('node_disk_ata_rotation_rate_rpm{device=sda}')).toBe(7200);
    expect(
      samples.get(
        'node_disk_info{device=sda,major=8,minor=0,model=Spinner,path=,revision=,rotational=1,serial=S1,wwn=}',
      ),
    ).toBe(1);
    expect([...samples.keys()].some((key) => key.includes('sda1'))).toBe(false);
  });

  it('diskstats: a changed label ends the old info and begins the new one', async () => {
    host.write('proc/diskstats', '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n');
    const diskstats = host.make('diskstats');
    await host.collect(diskstats);
    host.write('udev/b8:0', 'E:ID_MODEL=New\n');
    host.nowMs += 61_000;
    const samples = await host.collect(diskstats);
    const infos = [...samples.keys()].filter((key) => key.startsWith('node_disk_info'));
    expect(infos).toHaveLength(1);
    expect(infos[0]).toContain('model=New');
  });

  it('pressure: totals of what stalled; a kernel without it is no failure of the others', async () => {
    const pressure =
      'some avg10=1.00 avg60=0.00 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=250000\n';
    await expect(host.collect(host.make('pressure'))).rejects.toThrow(/no pressure/);
    for (const resource of ['cpu', 'io']) host.write(`proc/pressure/${resource}`, pressure);
    expect(Object.fromEntries(await host.collect(host.make('pressure')))).toEqual({
      'node_pressure_cpu_waiting_seconds_total{}': 1.5,
      'node_pressure_io_waiting_seconds_total{}': 1.5,
      'node_pressure_io_stalled_seconds_total{}': 0.25,
    });
  });

  it('vmstat: the fields node_exporter has by default', async () => {
    host.write(
      'proc/vmstat',
      'nr_free_pages 1\npgpgin 2\npgpgout 3\npswpin 4\npgfault 5\npgmajfault 6\noom_kill 7\nthp_fault 8\n',
    );
    expect([...(await host.collect(host.make('vmstat'))).entries()]).toEqual([
      ['node_vmstat_pgpgin{}', 2],
      ['node_vmstat_pgpgout{}', 3],
      ['node_vmstat_pswpin{}', 4],
      ['node_vmstat_pgfault{}', 5],
      ['node_vmstat_pgmajfault{}', 6],
      ['node_vmstat_oom_kill{}', 7],
    ]);
  });

  it('a collector that fails leaves a gap, and the others their values', async () => {
    host.write('proc/loadavg', '0.24 0.08 0.06 1/98 8609\n');
    const collection = new Collection(
      host.table,
      new Map([
        ['loadavg', host.make('loadavg')],
        ['meminfo', host.make('meminfo')],
      ]),
      host.context,
    );
    await collection.run();
    const samples = host.samples();
    expect(samples.get('node_load5{}')).toBe(0.08);
    expect(samples.get('node_scrape_collector_success{collector=loadavg}')).toBe(1);
    expect(samples.get('node_scrape_collector_success{collector=meminfo}')).toBe(0);
    host.write('proc/meminfo', 'MemTotal: 1 kB\n');
    await collection.run();
    expect(host.samples().get('node_scrape_collector_success{collector=meminfo}')).toBe(1);
  });

  it('filesystem: says of a mount that cannot be asked why, and of the others their space', async () => {
    host.write(
      'proc/1/mountinfo',
      [
        `22 1 8:1 / ${host.root} ro,relatime shared:1 - ext4 /dev/sda1 rw`,
        `23 1 8:2 / ${host.root}/with\\040space rw - xfs /dev/sdb1 rw`,
        '24 22 0:5 / /proc rw - proc proc rw',
        '25 22 0:6 / /var/lib/docker/overlay2/x rw - ext4 /dev/sda1 rw',
        '',
      ].join('\n'),
    );
    const samples = await host.collect(host.make('filesystem'));
    const root = `device=/dev/sda1,device_error=,fstype=ext4,mountpoint=${host.root}`;
    expect(samples.get(`node_filesystem_readonly{${root}}`)).toBe(1);
    expect(samples.get(`node_filesystem_size_bytes{${root}}`)).toBeGreaterThan(0);
    const missing = `device=/dev/sdb1,device_error=no such file or directory,fstype=xfs,mountpoint=${host.root}/with space`;
    expect(samples.get(`node_filesystem_device_error{${missing}}`)).toBe(1);
    expect(samples.has(`node_filesystem_size_bytes{${missing}}`)).toBe(false);
    expect([...samples.keys()].filter((key) => key.includes('docker') || key.includes('=/proc'))).toEqual([]);
  });
});

describe('textfiles', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost(['textfiles']);
    host.write('textfiles/ignored.txt', 'x 1\n');
  });
  afterEach(() => host[Symbol.dispose]());

  it('brings counters, gauges, untyped, histograms and summaries with their file times', async () => {
    const file = path.join(host.root, 'textfiles/a.prom');
    host.write(
      'textfiles/a.prom',
      String.raw`# HELP backup_last_success_timestamp_seconds When the backup \\ was good.
# TYPE backup_last_success_timestamp_seconds gauge
backup_last_success_timestamp_seconds{job="orders",path="C:\\x \"y\""} 1.7e9
plain 0x10
`.replace('0x10', '-Inf') +
        '# TYPE h histogram\nh_bucket{le="1.0"} 2\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n# TYPE s summary\ns{quantile="0.50"} 1\ns_sum 1\ns_count 1\n',
    );
    utimesSync(file, 1_600_000_000.9, 1_600_000_000.9);
    const samples = await host.collect(host.make('textfile'));
    expect(Object.fromEntries(samples)).toEqual({
      [String.raw`backup_last_success_timestamp_seconds{job=orders,path=C:\x "y"}`]: 1.7e9,
      'plain{}': Number.NEGATIVE_INFINITY,
      'h_bucket{le=1}': 2,
      'h_bucket{le=+Inf}': 3,
      'h_sum{}': 4,
      'h_count{}': 3,
      's{quantile=0.5}': 1,
      's_sum{}': 1,
      's_count{}': 1,
      [`node_textfile_mtime_seconds{file=${file}}`]: 1_600_000_000,
      'node_textfile_scrape_error{}': 0,
    });
    const families = new Map(
      [...host.table.series()].map(({ series }) => [seriesName(series), series.family]),
    );
    expect(families.get('h_bucket')?.name).toBe('h');
    expect(families.get('plain')?.help).toBe(`Metric read from ${file}`);
    expect(families.get('backup_last_success_timestamp_seconds')?.help).toBe(
      String.raw`When the backup \ was good.`,
    );
  });

  it.each([
    ['a timestamp', 'a 1 1700000000000\n'],
    ['half a line', 'a 1\nb'],
    ['a name that is none', '1a 1\n'],
    ['a value that is none', 'a one\n'],
    ['an open label', 'a{b="c} 1\n'],
    ['a label twice', 'a{b="1",b="2"} 1\n'],
    ['a type after its samples', 'a 1\n# TYPE a gauge\n'],
    ['a second help', '# HELP a x\n# HELP a x\na 1\n'],
    ['an unknown escape', String.raw`a{b="\t"} 1` + '\n'],
    ['a bucket without bound', '# TYPE a histogram\na_bucket 1\n'],
  ])('leaves a file with %s out as a whole and says so; the others stay', async (_, content) => {
    host.write('textfiles/bad.prom', content);
    host.write('textfiles/good.prom', 'good 1\n');
    const samples = await host.collect(host.make('textfile'));
    expect(samples.get('node_textfile_scrape_error{}')).toBe(1);
    expect(samples.get('good{}')).toBe(1);
    expect([...samples.keys()].some((key) => key.startsWith('a'))).toBe(false);
    expect([...samples.keys()].filter((key) => key.startsWith('node_textfile_mtime'))).toHaveLength(1);
  });

  it('follows files that change, appear and go', async () => {
    const textfile = host.make('textfile');
    host.write('textfiles/a.prom', 'a 1\n');
    expect((await host.collect(textfile)).get('a{}')).toBe(1);
    host.write('textfiles/a.prom', 'a 22\n');
    host.write('textfiles/b.prom', 'b 3\n');
    const both = await host.collect(textfile);
    expect([both.get('a{}'), both.get('b{}')]).toEqual([22, 3]);
    unlinkSync(path.join(host.root, 'textfiles/a.prom'));
    expect((await host.collect(textfile)).has('a{}')).toBe(false);
  });

  it('takes the first of two files that contradict each other, and says so', async () => {
    host.write('textfiles/a.prom', '# HELP x One.\nx{f="a"} 1\n');
    host.write('textfiles/b.prom', '# HELP x Two.\nx{f="b"} 2\n');
    const samples = await host.collect(host.make('textfile'));
    expect(samples.get('x{f=a}')).toBe(1);
    expect(samples.has('x{f=b}')).toBe(false);
    expect(samples.get('node_textfile_scrape_error{}')).toBe(1);
  });

  it('says so when the directory is not there', async () => {
    rmSync(path.join(host.root, 'textfiles'), { recursive: true });
    expect((await host.collect(host.make('textfile'))).get('node_textfile_scrape_error{}')).toBe(1);
  });
});

describe('parsers', () => {
  it('read CPU lists', () => {
    expect(parseCpuList('0-3,8,10-11\n')).toEqual([0, 1, 2, 3, 8, 10, 11]);
    expect(parseCpuList('')).toEqual([]);
  });

  it('read time zone rules', () => {
    expect(zoneNameOf('CET-1CEST,M3.5.0,M10.5.0/3', 3600)).toBe('CET');
    expect(zoneNameOf('CET-1CEST,M3.5.0,M10.5.0/3', 7200)).toBe('CEST');
    expect(zoneNameOf('EST5EDT,M3.2.0,M11.1.0', -4 * 3600)).toBe('EDT');
    expect(zoneNameOf('<+0545>-5:45', 20_700)).toBe('+0545');
    expect(zoneNameOf('<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', 39_600)).toBe('+11');
    expect(zoneNameOf('UTC0', 0)).toBe('UTC');
  });

  it('read mounts as the host has them, under the root it is mounted at', () => {
    const text =
      '22 1 8:1 / /host rw - ext4 /dev/sda1 rw\n23 1 8:2 / /host/data rw - xfs /dev/sdb1 rw,emergency_ro\n';
    expect(readMounts(text, '/host').map(({ mountpoint, readonly }) => [mountpoint, readonly])).toEqual([
      ['/', false],
      ['/data', true],
    ]);
  });
});

describe.runIf(process.platform === 'linux')('the portable collectors, on Linux', () => {
  it('say the same as those that read /proc', async () => {
    using host = new FakeHost();
    using real = new FakeHost();
    const paths = { procfs: '/proc', sysfs: '/sys', rootfs: '', udevData: '/run/udev/data' };
    for (const name of ['cpu', 'meminfo', 'loadavg', 'filesystem', 'netdev', 'diskstats', 'time', 'uname']) {
      await portableCollectors[name]?.(host.context).collect();
      await linuxCollectors[name]?.({ ...real.context, paths }).collect();
    }
    const portable = host.samples();
    const linux = real.samples();
    const total = linux.get('node_memory_MemTotal_bytes{}') ?? Number.NaN;
    expect(portable.get('node_memory_MemTotal_bytes{}')).toBe(total);
    expect(portable.get('node_cpu_seconds_total{cpu=0,mode=idle}')).toBeCloseTo(
      linux.get('node_cpu_seconds_total{cpu=0,mode=idle}') ?? Number.NaN,
      -2,
    );
    const sizes = new Set(
      [...linux].filter(([key]) => key.startsWith('node_filesystem_size_bytes')).map(([, size]) => size),
    );
    const portableSizes = [...portable].filter(([key]) => key.startsWith('node_filesystem_size_bytes'));
    expect(portableSizes.some(([, size]) => sizes.has(size))).toBe(true);
    expect([...portable.keys()].some((key) => key.startsWith('node_network_receive_bytes_total'))).toBe(true);
    expect(portable.has('node_load1{}')).toBe(true);
  }, 30_000);
});
