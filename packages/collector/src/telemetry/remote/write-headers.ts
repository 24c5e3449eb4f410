/** Of the remote write protocol. */
export type Version = 1 | 2;

const SHARED = { 'content-encoding': 'snappy' } as const;

/** What a write says about itself. */
export const WRITE_HEADERS: Readonly<Record<Version, Readonly<Record<string, string>>>> = {
  1: { ...SHARED, 'content-type': 'application/x-protobuf', 'x-prometheus-remote-write-version': '0.1.0' },
  2: {
    ...SHARED,
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'x-prometheus-remote-write-version': '2.0.0',
  },
};

/** A server of version 2 says how many samples it has stored. */
export const COUNT_HEADER = 'x-prometheus-remote-write-samples-written';
