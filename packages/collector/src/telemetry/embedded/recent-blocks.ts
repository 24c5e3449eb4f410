import { type ParsedFrameBlock, type ParsedLooseBlock, parseBlock } from './chunk/block-codec.ts';
import { type BlockLocation, BlockReader } from './chunk/block-files.ts';
import type { EncodedFrames, LooseBlock } from './head/encoded-blocks.ts';
import { NO_DETAILS, SealedColumn } from './query/sealed-column.ts';
import { SharedTimes } from './query/shared-times.ts';

/** Payloads of sealed blocks that were read, kept in memory: the latest hour or so is asked for again and again. */
const CACHE_BYTES = 12 * 1024 * 1024;

/** A block's directory, and those of its columns that were asked for: null where a series has no sample. */
export type FrameContent = ParsedFrameBlock & { readonly columns: (SealedColumn | null | undefined)[] };
type LooseContent = ParsedLooseBlock & {
  readonly columns: (SealedColumn | undefined)[];
  readonly times: SharedTimes;
};
type Content = FrameContent | LooseContent;

interface Cached {
  readonly content: Content;
  readonly bytes: number;
}

interface WindowBlocks {
  readonly frames: EncodedFrames[];
  readonly loose: LooseBlock[];
}

/** The sealed blocks of windows that are still being filled, by window, with their content at hand. */
export class RecentBlocks implements Disposable {
  readonly #windows = new Map<number, WindowBlocks>();
  readonly #reader: BlockReader;
  /** Least recently used first. */
  readonly #cache = new Map<number, Cached>();
  /** All windows' loose blocks; undefined when they changed. */
  #loose: readonly LooseBlock[] | undefined;
  #nextId = 1;

  constructor(directory: string) {
    this.#reader = new BlockReader(directory);
  }

  nextId(): number {
    return this.#nextId++;
  }

  addFrames(block: EncodedFrames): void {
    this.#window(block.windowStartMs).frames.push(block);
  }

  addLoose(block: LooseBlock): void {
    this.#window(block.windowStartMs).loose.push(block);
    this.#loose = undefined;
  }

  /** Starts of the windows that have blocks, ascending. */
  windows(): number[] {
    return [...this.#windows.keys()].sort((a, b) => a - b);
  }

  blocksOf(windowStartMs: number): WindowBlocks {
    return this.#windows.get(windowStartMs) ?? { frames: [], loose: [] };
  }

  /** Blocks of series with times of their own. */
  get loose(): readonly LooseBlock[] {
    return (this.#loose ??= [...this.#windows.values()].flatMap((window) => window.loose));
  }

  /** Forgets blocks that are in the day's file now, or were dropped. Returns the files nothing refers to any more. */
  remove(windowStartMs: number, gone: ReadonlySet<EncodedFrames | LooseBlock>): string[] {
    const before = this.blocksOf(windowStartMs);
    this.#loose = undefined;
    const frames = before.frames.filter((block) => !gone.has(block));
    const loose = before.loose.filter((block) => !gone.has(block));
    if (frames.length + loose.length === 0) this.#windows.delete(windowStartMs);
    else this.#windows.set(windowStartMs, { frames, loose });
    const used = new Set([...frames, ...loose].map((block) => block.location?.file));
    const files = new Set<string>();
    for (const block of gone) {
      this.#cache.delete(block.id);
      const file = block.location?.file;
      if (file !== undefined && !used.has(file)) files.add(file);
    }
    for (const file of files) this.#reader.forget(file);
    return [...files];
  }

  /** The content of a sealed block of frames. */
  frames(block: EncodedFrames): FrameContent {
    const content = this.#content(block.id, block.location);
    if (content.kind === 'frames') return content;
    throw new Error(`${block.location.file} is not what its record says: run verify`);
  }

  /** A series' column in a sealed block of series with times of their own. */
  looseColumn(block: LooseBlock, at: number): SealedColumn {
    const content = block.location === null ? null : this.#content(block.id, block.location);
    if (content?.kind !== 'loose')
      throw new Error(`block ${block.id} is not what its record says: run verify`);
    const known = content.columns[at];
    if (known !== undefined) return known;
    const { source } = content;
    const [start = 0, middle = 0, end = 0, last = 0] = content.ends.subarray(at * 3, at * 3 + 4);
    const times = content.times.read(source, start, middle, content.counts[at] ?? 0);
    const column = new SealedColumn(times, null, source, middle, end, last > end ? end : NO_DETAILS);
    content.columns[at] = column;
    return column;
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }

  #window(windowStartMs: number): WindowBlocks {
    let window = this.#windows.get(windowStartMs);
    if (window === undefined) this.#windows.set(windowStartMs, (window = { frames: [], loose: [] }));
    return window;
  }

  #content(id: number, location: BlockLocation): Content {
    const cached = this.#cache.get(id);
    if (cached === undefined) return this.#remember(id, this.#reader.read(location));
    this.#cache.delete(id);
    this.#cache.set(id, cached);
    return cached.content;
  }

  #remember(id: number, payload: Uint8Array): Content {
    const content = contentOf(payload);
    this.#cache.set(id, { content, bytes: payload.length });
    let bytes = 0;
    for (const each of this.#cache.values()) bytes += bytesOf(each);
    for (const [oldest, each] of this.#cache) {
      if (bytes <= CACHE_BYTES) break;
      bytes -= bytesOf(each);
      this.#cache.delete(oldest);
    }
    return content;
  }
}

/** Times are decoded as they are asked for. */
function bytesOf({ content, bytes }: Cached): number {
  return content.kind === 'loose' ? bytes + content.times.bytes : bytes;
}

function contentOf(payload: Uint8Array): Content {
  const block = parseBlock(payload);
  const columns = Array.from({ length: block.refs.length }, () => undefined);
  return block.kind === 'frames' ? { ...block, columns } : { ...block, columns, times: new SharedTimes() };
}
