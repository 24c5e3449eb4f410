import { create } from '@bufbuild/protobuf';
import {
  type RefusalReason,
  type RefusedFrame,
  RefusedFrameSchema,
  type SequenceRange,
  SequenceRangeSchema,
  type StreamResponse,
  StreamResponseSchema,
} from '@plimsoll/proto';

/** Collects what one acknowledgement says: neighbouring sequences become one range. */
export class AckBatch {
  readonly #durable: { epoch: number; first: number; last: number }[] = [];
  readonly #refused: RefusedFrame[] = [];

  get isEmpty(): boolean {
    return this.#durable.length === 0 && this.#refused.length === 0;
  }

  durable(epoch: number, sequence: number): void {
    const newest = this.#durable.at(-1);
    if (newest?.epoch === epoch && sequence === newest.last + 1) newest.last = sequence;
    else this.#durable.push({ epoch, first: sequence, last: sequence });
  }

  refused(epoch: number, sequence: number, reason: RefusalReason, detail: string): void {
    this.#refused.push(
      create(RefusedFrameSchema, { epoch: BigInt(epoch), sequence: BigInt(sequence), reason, detail }),
    );
  }

  /** @param clock sent is the agent's clock in the newest frame, received and answered are the collector's; microseconds. */
  toResponse(clock: { sentAtUs: number; receivedAtUs: number; answeredAtUs: number }): StreamResponse {
    return create(StreamResponseSchema, {
      message: {
        case: 'ack',
        value: {
          $typeName: 'plimsoll.v1.Ack',
          durable: this.#durable.map(toSequenceRange),
          refused: this.#refused,
          clock: {
            $typeName: 'plimsoll.v1.ClockEcho',
            sentAtUs: BigInt(clock.sentAtUs),
            receivedAtUs: BigInt(clock.receivedAtUs),
            answeredAtUs: BigInt(clock.answeredAtUs),
          },
        },
      },
    });
  }
}

/** To the wire's form. */
export function toSequenceRange(range: { epoch: number; first: number; last: number }): SequenceRange {
  return create(SequenceRangeSchema, {
    epoch: BigInt(range.epoch),
    first: BigInt(range.first),
    last: BigInt(range.last),
  });
}
