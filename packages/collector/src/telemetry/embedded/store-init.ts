import type { Runtime } from '../../runtime.ts';
import type { MetricMetadata } from '../store.ts';
import type { AgentSequences } from './agent-sequences.ts';
import type { DamagedPart } from './damaged-part.ts';
import type { LogTail } from './log/log-tail.ts';
import type { StoredSamples } from './query/stored-samples.ts';
import type { EmbeddedStoreOptions } from './store-options.ts';
import type { WriterListener, WriterPort } from './writer/writer-port.ts';

/** What was recovered from disk, and the means to go on. */
export interface EmbeddedStoreInit extends StoredSamples {
  readonly runtime: Runtime;
  readonly options: EmbeddedStoreOptions;
  readonly path: string;
  readonly incarnation: string;
  readonly sequences: AgentSequences;
  readonly metadata: Map<string, MetricMetadata>;
  /** Series and metadata found in the log and not in the index. */
  readonly unindexed: { readonly series: readonly number[]; readonly metadata: readonly MetricMetadata[] };
  readonly times: { readonly oldestMs: number | null; readonly newestMs: number | null };
  readonly firstSegment: number;
  readonly logBytes: number;
  /** Of log and blocks. */
  readonly damaged: readonly DamagedPart[];
  readonly tail: LogTail | null;
  readonly startWriter: (listener: WriterListener) => WriterPort;
  readonly lock: Disposable;
}
