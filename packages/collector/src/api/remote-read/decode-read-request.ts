import type { Matcher, MatchType } from '@plimsoll/promql';
import { ProtoError, ProtoReader, WIRE } from '../remote-write/proto-reader.ts';

/** One query of a read request. Both ends are inclusive. */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
}

/** What a reader asks, and whether it takes a stream of chunks rather than samples. */
export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  readonly chunked: boolean;
}

/** Kinds of answer by their number in the protocol. */
const SAMPLES = 0;
const STREAMED_XOR_CHUNKS = 1;

const MATCH_TYPES: readonly MatchType[] = ['=', '!=', '=~', '!~'];

/** A sender batches the selectors of one query; more is no query. */
const MAX_QUERIES = 100;

/**
 * Decodes `prometheus.ReadRequest` (queries = 1: start = 1, end = 2, matchers = 3 {type = 1, name = 2, value = 3};
 * accepted_response_types = 2, the first known one counts). Hints are passed over.
 */
export function decodeReadRequest(bytes: Uint8Array): ReadRequest {
  const queries: ReadQuery[] = [];
  const accepted: number[] = [];
  const reader = new ProtoReader(bytes);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.bytes) queries.push(readQuery(reader.message()));
    else if (field === 2 && wire === WIRE.varint) accepted.push(reader.int64());
    else if (field === 2 && wire === WIRE.bytes) {
      const packed = reader.message();
      while (!packed.done) accepted.push(packed.int64());
    } else reader.skip(wire);
    if (queries.length > MAX_QUERIES) throw new ProtoError(`more than ${MAX_QUERIES} queries in one request`);
  }
  const first = accepted.find((kind) => kind === SAMPLES || kind === STREAMED_XOR_CHUNKS);
  return { queries, chunked: first === STREAMED_XOR_CHUNKS };
}

function readQuery(reader: ProtoReader): ReadQuery {
  const query = { startMs: 0, endMs: 0, matchers: [] as Matcher[] };
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.varint) query.startMs = reader.int64();
    else if (field === 2 && wire === WIRE.varint) query.endMs = reader.int64();
    else if (field === 3 && wire === WIRE.bytes) query.matchers.push(readMatcher(reader.message()));
    else reader.skip(wire);
  }
  return query;
}

function readMatcher(reader: ProtoReader): Matcher {
  let type: MatchType | undefined = '=';
  let name = '';
  let value = '';
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === WIRE.varint) type = MATCH_TYPES[reader.int64()];
    else if (field === 2 && wire === WIRE.bytes) name = reader.string();
    else if (field === 3 && wire === WIRE.bytes) value = reader.string();
    else reader.skip(wire);
  }
  if (type === undefined) throw new ProtoError('proto: unknown matcher type');
  return { type, name, value };
}
