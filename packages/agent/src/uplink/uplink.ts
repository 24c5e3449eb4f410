import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  Metadata,
  type StatusObject,
  credentials,
  status,
} from '@grpc/grpc-js';
import {
  type Ack,
  type Facts,
  RefusalReason,
  telemetryServiceDefinition,
  type Welcome,
} from '@plimsoll/proto';
import type { NewFrame } from '../frame/framer.ts';
import {
  ACK_TIMEOUT_MS,
  KEEPALIVE_MS,
  DRAIN_TIMEOUT_MS,
  RECONNECT_CAP_MS,
  RECONNECT_FIRST_MS,
  REFUSED_CAP_MS,
  REFUSED_FIRST_MS,
  WELCOME_TIMEOUT_MS,
} from '../limits.ts';
import { type Log, LogLimit } from '../log.ts';
import { Backoff } from './backoff.ts';
import { ClockOffset } from './clock-offset.ts';
import type { FrameSource, KeptFrame } from './frame-source.ts';
import type { Identity } from './identity.ts';
import { Session } from './session.ts';

/** Counts since the start of this process, and the state now. */
export interface UplinkStats {
  readonly connected: boolean;
  readonly framesSent: number;
  readonly framesBackfilled: number;
  readonly framesAcknowledged: number;
  readonly framesRefused: number;
  readonly reconnects: number;
  /** This clock minus the collector's, seconds; undefined before the first echo. */
  readonly clockOffsetSeconds: number | undefined;
}

export interface UplinkOptions {
  /** `host:port` of the collector. */
  readonly address: string;
  readonly identity: Identity;
  /** Holds the frames until they are settled. */
  readonly source: FrameSource;
  readonly log: Log;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly credentials?: ChannelCredentials;
}

/** Statuses by which the collector refuses this agent rather than this connection. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [
    status.ALREADY_EXISTS,
    'another agent has this id or this instance name: give each host its own --instance',
  ],
  [
    status.UNAUTHENTICATED,
    'the collector has pinned another key for this agent id: restore agent.json or remove it',
  ],
  [status.FAILED_PRECONDITION, 'agent and collector share no protocol version: upgrade the older one'],
  [status.INVALID_ARGUMENT, 'the collector does not understand this agent: upgrade the older one'],
  [status.PERMISSION_DENIED, 'the collector does not admit this agent'],
  [status.RESOURCE_EXHAUSTED, "a message is over the collector's limits: raise them, or collect less"],
  [status.UNIMPLEMENTED, 'the address is not that of a collector'],
]);

const REFUSAL_NAMES: ReadonlyMap<number, string> = new Map([
  [RefusalReason.TOO_FAR_AHEAD, 'timestamp too far ahead'],
  [RefusalReason.TOO_OLD, 'timestamp older than the retention'],
  [RefusalReason.MALFORMED, 'malformed'],
]);

const CHANNEL: ChannelOptions = {
  'grpc.keepalive_time_ms': KEEPALIVE_MS,
  'grpc.keepalive_timeout_ms': 10_000,
  // Every agent has its own connection and decides itself when to try again.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
};

/** Keeps a stream to the collector, over as many connections as it takes. */
export class Uplink implements AsyncDisposable {
  readonly #options: UplinkOptions;
  readonly #now: () => number;
  readonly #clock = new ClockOffset();
  readonly #reconnect: Backoff;
  readonly #refused: Backoff;
  readonly #logLimit: LogLimit;
  readonly #counts = { sent: 0, backfilled: 0, acknowledged: 0, refused: 0, reconnects: 0 };
  #facts: Facts | undefined;
  #session: Session | undefined;
  #endCall: (() => void) | undefined;
  #cancelStalled: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const random = options.random ?? Math.random;
    this.#reconnect = new Backoff(RECONNECT_FIRST_MS, RECONNECT_CAP_MS, random);
    this.#refused = new Backoff(REFUSED_FIRST_MS, REFUSED_CAP_MS, random);
    this.#logLimit = new LogLimit(this.#now);
    this.#connect();
  }

  get stats(): UplinkStats {
    const { sent, backfilled, acknowledged, refused, reconnects } = this.#counts;
    const offsetUs = this.#clock.us;
    return {
      connected: this.#session?.welcomed ?? false,
      framesSent: sent,
      framesBackfilled: backfilled,
      framesAcknowledged: acknowledged,
      framesRefused: refused,
      reconnects,
      clockOffsetSeconds: offsetUs === undefined ? undefined : offsetUs / 1e6,
    };
  }

  /** Sends a frame its source already has, at once if possible; otherwise the source gives it out later. */
  offer(frame: NewFrame): void {
    // A dead stream is looked for here and by no timer: at rest, each waking costs as much as a part of a collection.
    this.#cancelStalled?.();
    this.#session?.offer(frame);
  }

  /** Tells the collector the host's inventory, now and on every later stream. */
  sendFacts(facts: Facts): void {
    this.#facts = facts;
    this.#session?.sendFacts(facts);
  }

  /** Waits a moment for what is in flight, then ends the stream. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const deadline = performance.now() + DRAIN_TIMEOUT_MS;
    this.#session?.close();
    while (this.#session !== undefined && this.#session.inFlight > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#endCall?.();
  }

  #connect(): void {
    const { address, identity, source } = this.#options;
    const client = new Client(address, this.#options.credentials ?? credentials.createInsecure(), CHANNEL);
    const { stream } = telemetryServiceDefinition;
    const call = client.makeBidiStreamRequest(
      stream.path,
      stream.requestSerialize,
      stream.responseDeserialize,
      new Metadata(),
    );
    const session = new Session({
      call,
      identity,
      source,
      clock: this.#clock,
      now: this.#now,
      facts: () => this.#facts,
      events: {
        welcomed: (welcome) => {
          clearTimeout(greeting);
          this.#welcomed(welcome);
        },
        acknowledged: (ack) => this.#acknowledged(ack),
        sent: (backfill) => this.#countSent(backfill),
        unsendable: (frame, limit) => this.#unsendable(frame, limit),
      },
    });
    this.#session = session;
    this.#cancelStalled = () => {
      if (session.stalledMs() > (session.welcomed ? ACK_TIMEOUT_MS : WELCOME_TIMEOUT_MS)) call.cancel();
    };
    const greeting = setTimeout(this.#cancelStalled, WELCOME_TIMEOUT_MS + 1);
    this.#endCall = () => {
      call.end();
      call.cancel();
    };
    // Every end, clean or not, arrives as a status; the error event only repeats it.
    call.on('error', () => undefined);
    call.on('status', (ended: StatusObject) => {
      clearTimeout(greeting);
      session.close();
      client.close();
      this.#lost(session, ended);
    });
  }

  #lost(session: Session, ended: StatusObject): void {
    if (this.#session === session) this.#session = undefined;
    this.#endCall = undefined;
    this.#cancelStalled = undefined;
    this.#options.source.rewind();
    if (this.#stopped) return;
    const refusal = REFUSALS.get(ended.code);
    const delayMs = Math.ceil((refusal === undefined ? this.#reconnect : this.#refused).next());
    this.#report(ended, refusal, delayMs);
    this.#timer = setTimeout(() => {
      this.#counts.reconnects++;
      this.#connect();
    }, delayMs);
  }

  #report(ended: StatusObject, refusal: string | undefined, delayMs: number): void {
    const { address, log } = this.#options;
    const passed = this.#logLimit.pass(`status ${ended.code}`);
    if (passed === undefined) return;
    const fields = {
      address,
      status: status[ended.code],
      detail: ended.details,
      retryInMs: delayMs,
      ...passed,
    };
    if (refusal === undefined)
      log.warn(fields, 'the stream to the collector is down: frames stay in the spool');
    else log.error({ ...fields, advice: refusal }, 'the collector refuses this agent');
  }

  #welcomed(welcome: Welcome): void {
    this.#refused.reset();
    this.#options.log.info(
      {
        address: this.#options.address,
        collectorVersion: welcome.collectorVersion,
        incarnation: welcome.incarnation,
        framesInFlight: welcome.limits?.maxFramesInFlight,
      },
      'the stream to the collector is up',
    );
  }

  #acknowledged(ack: Ack): void {
    // Only now is it certain that the collector works: accepting a stream and dropping it must not be retried fast.
    this.#reconnect.reset();
    for (const { first, last } of ack.durable) this.#counts.acknowledged += Number(last - first) + 1;
    this.#counts.refused += ack.refused.length;
    for (const { epoch, sequence, reason, detail } of ack.refused) {
      const passed = this.#logLimit.pass(`refused ${reason}`);
      if (passed === undefined) continue;
      const why = REFUSAL_NAMES.get(reason) ?? String(reason);
      this.#options.log.warn(
        { epoch: Number(epoch), sequence: Number(sequence), reason: why, detail, ...passed },
        'the collector refused a frame for good: it left the spool',
      );
    }
  }

  #countSent(backfill: boolean): void {
    if (backfill) this.#counts.backfilled++;
    this.#counts.sent++;
  }

  #unsendable(frame: KeptFrame, maxMessageBytes: number): void {
    this.#counts.refused++;
    const passed = this.#logLimit.pass('unsendable');
    if (passed === undefined) return;
    this.#options.log.error(
      { bytes: frame.values.length, maxMessageBytes, ...passed },
      "a frame is larger than the collector's message limit and was dropped: collect fewer series or raise the limit",
    );
  }
}

/** Opens the stream to the collector; it stays, reconnecting, until disposed. */
export function createUplink(options: UplinkOptions): Uplink {
  return new Uplink(options);
}
