import { startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { compareRow } from './support/compare-row.ts';
import { type BenchSpan, benchRequests } from './support/bench-hosts.ts';
import { type Figure, quantile } from './support/figure.ts';
import { addressOf, type QueryRow, queryRows } from './support/query-rows.ts';
import { remoteWrite } from './support/remote-write.ts';
import { type Measured, peerProgram, peers, startPeer } from './support/start-peer.ts';
import { threadMs } from './support/thread-time.ts';

const HOSTS = 100;
const SERIES = 100;
const INTERVAL_MS = 10_000;
const STEPS = 4 * 360;
/** As many as are measured: a server that runs has compiled what it runs, and has cached what it reads. */
const WARM_UP_QUERIES = 200;
const BATCHES = 5;
const BATCH_QUERIES = 40;
/** How many whole seconds the end of a query moves: no two queries of a batch are the same. */
const END_SECONDS = 40;

/**
 * CPU of the server per query over HTTP, beside a real VictoriaMetrics and a real Prometheus with the same samples. The
 * servers take turns, so that what else the machine does falls on all; the median of the batches is reported.
 */
export async function benchQueries(): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const program = stack.use(await startProgram({ command: 'collector', config: 'shippedRules: false\n' }));
  const pid = program.process.pid;
  if (pid === undefined) throw new Error('the collector has no process');
  const servers: Measured[] = [{ name: 'ours', url: program.web, pid }];
  for (const peer of peers) {
    const found = await peerProgram(peer);
    if ('path' in found) servers.push(stack.use(await startPeer(peer, found.path)));
    else console.log(`  without ${peer.name}: ${found.missing}; ${peer.variable} may name the program`);
  }
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  await fill(servers, { startMs: endMs - (STEPS - 1) * INTERVAL_MS, steps: STEPS, intervalMs: INTERVAL_MS });
  const figures: Figure[] = [];
  for (const row of queryRows) {
    // A peer may show what it has acknowledged only some seconds later.
    await waitFor(
      `the servers to agree on ${row.query}`,
      async () => {
        await compareRow(servers, row, endMs / 1000);
        return true;
      },
      30_000,
    );
    figures.push(await measureRow(servers, row, endMs / 1000));
  }
  return figures;
}

/** Sends every server the same requests and waits until all answer with the last sample. */
async function fill(servers: readonly Measured[], span: BenchSpan): Promise<void> {
  const before = await Promise.all(servers.map(async ({ pid }) => threadMs(pid)));
  for (const body of benchRequests(HOSTS, span))
    await Promise.all(servers.map(async ({ url }) => remoteWrite(url, body)));
  const lastMs = span.startMs + (span.steps - 1) * span.intervalMs;
  for (const [index, { name, url, pid }] of servers.entries()) {
    const query = encodeURIComponent('count(last_over_time({host!=""}[9s]))');
    await waitFor(
      `${name} to have all series`,
      async () => {
        const answer = await get(`${url}/api/v1/query?time=${lastMs / 1000}&query=${query}`);
        return answer.includes(`"${HOSTS * SERIES}"`);
      },
      60_000,
    );
    const seconds = ((await threadMs(pid)) - (before[index] ?? 0)) / 1000;
    console.log(`  ${name}: ${HOSTS * SERIES * span.steps} samples written, ${seconds.toFixed(1)} CPU-s`);
  }
}

async function measureRow(servers: readonly Measured[], row: QueryRow, end: number): Promise<Figure> {
  for (const server of servers) await batchMs(server, row, end, WARM_UP_QUERIES);
  const taken = servers.map((): number[] => []);
  for (let batch = 0; batch < BATCHES; batch++) {
    for (const [index, server] of servers.entries()) {
      taken[index]?.push(await batchMs(server, row, end, BATCH_QUERIES));
    }
  }
  const medians = taken.map((batches) => quantile(batches, 0.5));
  const columns = servers.map(({ name }, index) => `${name} ${medians[index]?.toFixed(2) ?? ''}`);
  console.log(`  ${row.id}: ${columns.join(', ')} ms CPU a query`);
  const [ours = Number.NaN, ...theirs] = medians;
  const least = Math.min(...theirs);
  const name = servers[1 + theirs.indexOf(least)]?.name ?? '';
  return {
    what: `query ${row.id}, ${row.range === undefined ? 'instant' : `range ${row.range / 3600} h`} ${row.query}`,
    ours,
    unit: 'ms CPU',
    goal: theirs.length > 0 ? least : row.recordedMs,
    better: 'less',
    ...(theirs.length > 0 && { beside: { name, value: least } }),
  };
}

/** Milliseconds of the server's CPU per query. */
async function batchMs({ url, pid }: Measured, row: QueryRow, end: number, queries: number): Promise<number> {
  const before = await threadMs(pid);
  for (let query = 0; query < queries; query++) await get(addressOf(url, row, end - (query % END_SECONDS)));
  return ((await threadMs(pid)) - before) / queries;
}

async function get(address: string): Promise<string> {
  // Compression would be measured too, and not every server compresses by default.
  const response = await fetch(address, { headers: { 'accept-encoding': 'identity' } });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${address}: ${response.status} ${text.slice(0, 500)}`);
  return text;
}
