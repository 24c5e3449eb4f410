import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startProgram } from '../support/program.ts';
import type { Figure } from './support/figure.ts';
import { type StoreLoad, streamLoad } from './support/store-load.ts';

const TRACER = '/usr/bin/strace';
const STEPS = 8640;
const INTERVAL_MS = 10_000;

/**
 * Calls of fdatasync on the log that the kernel saw for each group of appends that was acknowledged, while eight streams send as
 * fast as they may.
 */
export async function benchSync(): Promise<Figure[]> {
  const traceable = await access(TRACER).then(
    () => true,
    () => false,
  );
  if (!traceable) {
    console.log(`  not counted: there is no ${TRACER}`);
    return [];
  }
  const directory = await mkdtemp(path.join(tmpdir(), 'plimsoll-sync-'));
  const trace = path.join(directory, 'trace');
  try {
    // -D makes the program, not the tracer, the process that is started and ended.
    const under = [TRACER, '-D', '-f', '-y', '--seccomp-bpf', '-e', 'trace=fdatasync', '-o', trace];
    await using program = await startProgram({
      command: 'collector',
      config: 'shippedRules: false\n',
      directory,
      under,
    });
    const before = { groups: await groupsOf(program.web), syncs: await syncsIn(trace) };
    await streamLoad(program.grpc, loadOf());
    const groups = (await groupsOf(program.web)) - before.groups;
    const syncs = (await syncsIn(trace)) - before.syncs;
    console.log(`  ${groups} groups acknowledged, ${syncs} calls of fdatasync on the log`);
    return [
      {
        what: 'fdatasync of the log, 8 saturated streams',
        ours: syncs / groups,
        unit: 'calls per acknowledged group',
        goal: 1,
        better: 'more',
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function loadOf(): StoreLoad {
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const startMs = endMs - (STEPS - 1) * INTERVAL_MS;
  return { hosts: 8, seriesPerHost: 100, steps: STEPS, intervalMs: INTERVAL_MS, startMs };
}

async function groupsOf(web: string): Promise<number> {
  const metrics = await (await fetch(`${web}/metrics`)).text();
  const count = /^plimsoll_store_commits_total (\d+)$/m.exec(metrics)?.[1];
  if (count === undefined) throw new Error('the collector does not count its commits');
  return Number(count);
}

async function syncsIn(trace: string): Promise<number> {
  const text = await readFile(trace, 'utf8');
  // A call during which another thread is traced ends on a line of its own; it began with the file.
  return [...text.matchAll(/fdatasync\(\d+<[^>]*\/telemetry\/log\/[^>]*>/g)].length;
}
