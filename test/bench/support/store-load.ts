import type { BenchSpan } from './bench-hosts.ts';
import { LoadStream } from './load-stream.ts';
import { encodeLabels, literal, remoteWrite, varint } from './remote-write.ts';
import { StoreHost } from './store-hosts.ts';

/** Hosts, their number of series and the times they are collected at. */
export interface StoreLoad extends BenchSpan {
  readonly hosts: number;
  readonly seriesPerHost: number;
}

/** A request takes this many samples, well below what a server takes in one. */
const REQUEST_SAMPLES = 40_000;
const STEPS_PER_REQUEST = 20;
/** Tag, length and value of a double, and tag and six bytes of a time of our age. */
const SAMPLE_BYTES = 18;

export function samplesOf({ hosts, seriesPerHost, steps }: StoreLoad): number {
  return hosts * seriesPerHost * steps;
}

/**
 * Sends a load as agents do, each on a stream of its own, and waits until all of it is durable. At most `stepsInFlight`
 * collections of a host are on their way, by default as many as the collector lets it send.
 */
export async function streamLoad(address: string, load: StoreLoad, stepsInFlight = Infinity): Promise<void> {
  const streams = await Promise.all(
    Array.from({ length: load.hosts }, async (_, number) => {
      const host = new StoreHost(number, load.seriesPerHost);
      const { instance, labels, series } = host;
      const { intervalMs } = load;
      const stream = await LoadStream.open({ address, instance, labels, series, seed: number, intervalMs });
      return { host, stream };
    }),
  );
  const settled = async (): Promise<unknown> =>
    Promise.all(streams.map(async ({ stream }) => stream.settled()));
  for (let step = 0; step < load.steps; step++) {
    const timestampMs = load.startMs + step * load.intervalMs;
    for (const { host, stream } of streams)
      await stream.sendValues(timestampMs, host.next(load.intervalMs / 1000));
    if ((step + 1) % stepsInFlight === 0) await settled();
  }
  await settled();
  for (const { stream } of streams) stream[Symbol.dispose]();
}

/**
 * Sends the same load by remote write, in order of time, until all is written or the deadline has passed.
 *
 * @returns how many steps were written.
 */
export async function writeLoad(url: string, load: StoreLoad, limitMs: number): Promise<number> {
  const deadline = performance.now() + limitMs;
  const hosts = Array.from({ length: load.hosts }, (_, number) => {
    const host = new StoreHost(number, load.seriesPerHost);
    return { host, labels: host.series.map((series) => encodeLabels(host.labelsOf(series))) };
  });
  const hostsPerRequest = Math.max(1, Math.floor(REQUEST_SAMPLES / STEPS_PER_REQUEST / load.seriesPerHost));
  for (let step = 0; step < load.steps; step += STEPS_PER_REQUEST) {
    if (performance.now() > deadline) return step;
    const steps = Math.min(STEPS_PER_REQUEST, load.steps - step);
    const times = Array.from({ length: steps }, (_, n) =>
      Uint8Array.from(varint(load.startMs + (step + n) * load.intervalMs)),
    );
    for (let first = 0; first < hosts.length; first += hostsPerRequest) {
      const parts = hosts
        .slice(first, first + hostsPerRequest)
        .flatMap(({ host, labels }) => encodeHost(host, labels, times, load.intervalMs));
      await remoteWrite(url, literal(parts));
    }
  }
  return load.steps;
}

/** The next values of all series of a host, a message for each series. */
function encodeHost(
  host: StoreHost,
  labels: readonly Buffer[],
  times: readonly Uint8Array[],
  intervalMs: number,
): Buffer[] {
  const messages = labels.map((fields) => {
    const content = fields.length + times.length * SAMPLE_BYTES;
    const head = Buffer.concat([Buffer.from([0x0a, ...varint(content)]), fields]);
    const message = Buffer.allocUnsafe(head.length + times.length * SAMPLE_BYTES);
    head.copy(message);
    return { message, samplesAt: head.length };
  });
  for (const [step, time] of times.entries()) {
    const values = host.next(intervalMs / 1000);
    for (const [slot, { message, samplesAt }] of messages.entries()) {
      const at = samplesAt + step * SAMPLE_BYTES;
      message[at] = 0x12;
      message[at + 1] = SAMPLE_BYTES - 2;
      message[at + 2] = 0x09;
      message.writeDoubleLE(values[slot] ?? 0, at + 3);
      message[at + 11] = 0x10;
      message.set(time, at + 12);
    }
  }
  return messages.map(({ message }) => message);
}
