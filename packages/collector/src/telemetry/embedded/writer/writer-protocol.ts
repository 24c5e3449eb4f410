/** What the store asks of its writer. Commits are served before everything else. */
export type WriterRequest =
  | {
      readonly kind: 'commit';
      readonly group: number;
      /** Segment of the log this group belongs to; never smaller than in an earlier request. */
      readonly segment: number;
      /** Room for a frame head and then the group's records; handed over, and handed back with the reply. */
      readonly buffer: ArrayBuffer;
      readonly length: number;
    }
  | { readonly kind: 'drop-log'; readonly beforeSegment: number }
  | { readonly kind: 'close' };

export type WriterReply =
  | {
      readonly kind: 'committed';
      readonly group: number;
      readonly buffer: ArrayBuffer;
      readonly syncSeconds: number;
      readonly logBytes: number;
    }
  | {
      readonly kind: 'commit-failed';
      readonly group: number;
      readonly buffer: ArrayBuffer;
      readonly failure: WriterFailure;
    }
  | { readonly kind: 'failed'; readonly failure: WriterFailure }
  | { readonly kind: 'log-dropped'; readonly logBytes: number }
  | { readonly kind: 'closed' };

/** An error on its way between threads. */
export interface WriterFailure {
  readonly code: 'out_of_space' | 'unavailable';
  readonly message: string;
}

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

export function writerFailure(error: unknown): WriterFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const full = NO_SPACE.has(code) || message.includes('database or disk is full');
  return { code: full ? 'out_of_space' : 'unavailable', message };
}
