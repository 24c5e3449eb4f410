import { hasKnownHeader } from '../../../page-sums/known-header.ts';
import { BLOCK_FILE_KIND, BLOCK_VERSION, parseBlock } from '../chunk/block-codec.ts';
import { checkFileHeader, FILE_HEADER_BYTES } from '../framing.ts';
import { WINDOW_MS } from '../head/windows.ts';
import { type Fault, someOf, spanText } from './fault.ts';
import type { SeriesNames } from './series-names.ts';
import { walkFrames } from './walk-frames.ts';

/** Checks one file of blocks: every block of it by its checksum. */
export function verifyBlocks(file: string, bytes: Uint8Array, names: SeriesNames): Fault[] {
  if (bytes.length < FILE_HEADER_BYTES) return [];
  const windowStartMs = Number(/(\d+)-[0-9a-f]+\.blocks$/.exec(file)?.[1] ?? 0);
  const span = spanText(windowStartMs, windowStartMs + WINDOW_MS);
  const problem = checkFileHeader(bytes, BLOCK_FILE_KIND, BLOCK_VERSION);
  if (problem === 'newer')
    return [{ file, what: 'was written by a newer version of plimsoll', affected: null }];
  const { frames, strayBytes } = walkFrames(bytes);
  const faults: Fault[] = [];
  if (!hasKnownHeader(bytes, BLOCK_FILE_KIND, BLOCK_VERSION)) {
    const agents = frames.flatMap(({ payload }) => describeBlock(payload, names));
    faults.push({ file, what: 'its header is damaged', affected: `${someOf(agents)}, ${span}` });
  }
  for (const { offset, payload, isIntact } of frames) {
    if (isIntact) continue;
    const what = `the block at byte ${offset} is damaged`;
    faults.push({ file, what, affected: `${someOf(describeBlock(payload, names))}, ${span}` });
  }
  if (strayBytes > 0) {
    const what = `its last ${strayBytes} bytes are no whole block: its length is damaged`;
    faults.push({ file, what, affected: `blocks sealed last, ${span}` });
  }
  return faults;
}

/** As far as a damaged block can still be read. */
function describeBlock(payload: Uint8Array, names: SeriesNames): string[] {
  try {
    const block = parseBlock(payload);
    const series = names.describe(block.refs);
    return [block.kind === 'frames' ? `agent ${block.agentId}: ${series}` : series];
  } catch {
    // Its directory does not make sense any more: the damage is in there.
    return ['a block that cannot be read'];
  }
}
