import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileLayer } from '../files.ts';
import { fileHeader } from '../framing.ts';
import { LOG_FILE_KIND, LOG_VERSION } from './log-records.ts';

const NAME = /^(\d{10})\.log$/;

interface Segment {
  readonly number: number;
  sizeBytes: number;
}

/** The files of the log on disk; appends go to the newest. Lives on the writer's thread. */
export class LogSegments {
  readonly #directory: string;
  readonly #files: FileLayer;
  readonly #segments: Segment[];
  #open: { readonly segment: Segment; readonly fd: number } | undefined;
  /** Nothing more goes into a segment once a write to it failed: what is behind the failure could not be read back. */
  #failedSegment = -1;

  constructor(directory: string, files: FileLayer) {
    this.#directory = directory;
    this.#files = files;
    this.#segments = logSegmentNumbers(directory).map((number) => ({
      number,
      sizeBytes: statSync(logSegmentPath(directory, number)).size,
    }));
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  /**
   * Appends a sealed frame to a segment and returns the segment's size when it is durable. Throws what the file layer
   * throws.
   */
  append(number: number, frame: Uint8Array): number {
    if (number <= this.#failedSegment)
      throw new Error('an earlier group of this log segment was not written');
    let segment: Segment | undefined;
    try {
      const open = this.#openSegment(number);
      segment = open.segment;
      this.#files.append(open.fd, frame);
      this.#files.datasync(open.fd);
      segment.sizeBytes += frame.length;
      return segment.sizeBytes;
    } catch (error) {
      this.#failedSegment = number;
      this.#abandon(segment);
      throw error;
    }
  }

  /** Removes the segments before this one; those from `keepFrom` on move to another directory. */
  dropBefore(number: number, keepFrom: number, keptDirectory: string): void {
    let moved = false;
    while ((this.#segments[0]?.number ?? Infinity) < number) {
      const [oldest] = this.#segments;
      if (oldest === undefined) return;
      if (this.#open?.segment === oldest) this.close();
      const path = logSegmentPath(this.#directory, oldest.number);
      if (oldest.number < keepFrom) this.#files.remove(path);
      else this.#files.rename(path, logSegmentPath(keptDirectory, oldest.number));
      moved ||= oldest.number >= keepFrom;
      this.#segments.shift();
    }
    if (moved) this.#files.syncDirectory(keptDirectory);
  }

  close(): void {
    if (this.#open === undefined) return;
    const { fd } = this.#open;
    this.#open = undefined;
    this.#files.close(fd);
  }

  #openSegment(number: number): { readonly segment: Segment; readonly fd: number } {
    if (this.#open?.segment.number === number) return this.#open;
    this.close();
    const header = fileHeader(LOG_FILE_KIND, LOG_VERSION);
    const fd = this.#files.openAppend(logSegmentPath(this.#directory, number));
    const segment: Segment = { number, sizeBytes: header.length };
    this.#segments.push(segment);
    this.#open = { segment, fd };
    this.#files.append(fd, header);
    this.#files.syncDirectory(this.#directory);
    return this.#open;
  }

  /** Cuts off what a failed write may have left, so that a refused group is not found again; best effort. */
  #abandon(segment: Segment | undefined): void {
    try {
      if (segment !== undefined && this.#open !== undefined) {
        this.#files.truncate(this.#open.fd, segment.sizeBytes);
      }
      this.close();
    } catch {
      // The checksum guards the reader; the disk's state is reported by the failure that led here.
      this.#open = undefined;
    }
  }
}

export function logSegmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(10, '0')}.log`);
}

/** Numbers of the segments in a directory, ascending. */
export function logSegmentNumbers(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
