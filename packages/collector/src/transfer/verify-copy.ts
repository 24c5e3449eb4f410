import type { Matcher } from '@plimsoll/promql';
import { compare, windowEnd } from './copy-samples.ts';
import { samplesIn, type TransferSource, type TransferTarget } from './endpoint.ts';
import type { DifferentSample } from './missing-samples.ts';

/** How two sides compare, counted in samples. */
export interface CopyVerification {
  readonly samplesRead: number;
  readonly samplesMissing: number;
  readonly samplesDifferent: number;
  /** Samples that are there with another start timestamp, or without the one they have in the source. */
  readonly samplesWithOtherStart: number;
  /** The first series with missing samples, and how many. */
  readonly missing: readonly { readonly labels: string; readonly samples: number }[];
  readonly different: readonly DifferentSample[];
}

/** Time that is compared at once. */
const WINDOW_MS = 2 * 3600 * 1000;
/** What is named of each kind. */
const MAX_NAMED = 20;

/** Reads all of a range from both sides and compares sample by sample, bit for bit. */
export async function verifyCopy(
  task: {
    readonly source: TransferSource;
    readonly readBack: NonNullable<TransferTarget['readBack']>;
    readonly selectors: readonly (readonly Matcher[])[];
    readonly startMs: number;
    readonly endMs: number;
    /** Told at the start, after each batch and each window, with the time that is verified and the samples so far. */
    readonly onBatch: (nextMs: number, samples: number) => void;
  },
  signal: AbortSignal,
): Promise<CopyVerification> {
  const counts = { samplesRead: 0, samplesMissing: 0, samplesDifferent: 0, samplesWithOtherStart: 0 };
  const missing: { labels: string; samples: number }[] = [];
  const different: DifferentSample[] = [];
  task.onBatch(task.startMs, 0);
  for (let startMs = task.startMs; startMs <= task.endMs;) {
    const endMs = Math.min(task.endMs, windowEnd(startMs, WINDOW_MS));
    for await (const batch of task.source.read({ selectors: task.selectors, startMs, endMs }, signal)) {
      const comparison = await compare(batch, task.readBack, signal);
      counts.samplesRead += samplesIn(batch);
      counts.samplesMissing += samplesIn(comparison.missing);
      counts.samplesDifferent += comparison.differentSamples;
      counts.samplesWithOtherStart += comparison.otherStarts;
      for (const { labels, timestamps } of comparison.missing.slice(0, MAX_NAMED - missing.length)) {
        missing.push({ labels: labels.toString(), samples: timestamps.length });
      }
      different.push(...comparison.different.slice(0, MAX_NAMED - different.length));
      task.onBatch(startMs, counts.samplesRead);
    }
    startMs = endMs + 1;
    task.onBatch(startMs, counts.samplesRead);
  }
  return { ...counts, missing, different };
}
