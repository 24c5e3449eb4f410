import { type FileLayer, systemFiles } from './files.ts';

/** The errors that a file system answers each effect with, by what Linux documents of the call behind it. */
const CODES = {
  openAppend: ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS', 'EMFILE'],
  append: ['ENOSPC', 'EIO', 'EDQUOT'],
  datasync: ['EIO', 'ENOSPC', 'EDQUOT'],
  truncate: ['EIO', 'EROFS'],
  rename: ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS'],
  remove: ['EIO', 'EROFS'],
  syncDirectory: ['EIO', 'EMFILE'],
  beforeCommit: ['ENOSPC', 'EIO'],
} as const;

export type Effect = keyof typeof CODES;

/** One thing that goes wrong. */
export interface FileFault {
  /** Which effect fails, counted from 1 when the faults are planned. */
  readonly at: number;
  /** All effects after it fail too, until the disk is healed. */
  readonly lasting: boolean;
  /** In [0, 1): draws the error out of those the effect can have. */
  readonly draw: number;
  /** In [0, 1]: how much of the effect comes about all the same. Of others than a write it is all or nothing. */
  readonly part: number;
}

/** A file layer for tests whose effects fail as planned, until it is healed. */
export class FailingFiles implements FileLayer {
  /** Effects since the faults were planned. */
  calls = 0;
  /** The effects that failed, and how. */
  readonly injected: { readonly effect: Effect; readonly code: string }[] = [];
  /** The planned faults that came about; one that lasts lets more effects than one fail. */
  readonly struck = new Set<FileFault>();
  /** Told right before an effect fails, when what of it came about has. */
  onFault: () => void = () => undefined;
  #faults: readonly FileFault[] = [];
  readonly #code: string | undefined;

  /** With a code, every failure is that one. */
  constructor(code?: string) {
    this.#code = code;
  }

  /** The names of the effects that failed. */
  get failed(): readonly string[] {
    return this.injected.map(({ effect }) => effect);
  }

  /** Has effects fail from now on; earlier plans are forgotten. */
  plan(faults: readonly FileFault[]): void {
    this.calls = 0;
    this.#faults = faults;
  }

  /** Lets the n-th effect from now fail, and with `lasting` all later ones too. */
  failAt(n: number, lasting: boolean): void {
    this.plan([{ at: n, lasting, draw: 0, part: 0.5 }]);
  }

  /** Ends the faults that began; those planned for later are still to come. */
  heal(): void {
    this.#faults = this.#faults.filter(({ at }) => at > this.calls);
  }

  openAppend(path: string): number {
    this.#effect('openAppend');
    return systemFiles.openAppend(path);
  }

  append(fd: number, bytes: Uint8Array): void {
    // A full disk takes a part of what it is given.
    this.#effect('append', (part) =>
      systemFiles.append(fd, bytes.subarray(0, Math.floor(bytes.length * part))),
    );
    systemFiles.append(fd, bytes);
  }

  datasync(fd: number): void {
    this.#effect('datasync', () => systemFiles.datasync(fd));
    systemFiles.datasync(fd);
  }

  truncate(fd: number, sizeBytes: number): void {
    this.#effect('truncate');
    systemFiles.truncate(fd, sizeBytes);
  }

  close(fd: number): void {
    systemFiles.close(fd);
  }

  rename(from: string, to: string): void {
    this.#effect('rename');
    systemFiles.rename(from, to);
  }

  remove(path: string): void {
    this.#effect('remove');
    systemFiles.remove(path);
  }

  syncDirectory(path: string): void {
    this.#effect('syncDirectory', () => systemFiles.syncDirectory(path));
    systemFiles.syncDirectory(path);
  }

  beforeCommit(database: string): void {
    this.#effect('beforeCommit');
    systemFiles.beforeCommit(database);
  }

  /** Throws where a fault is due; `partly` does what of the effect comes about before. */
  #effect(effect: Effect, partly: (part: number) => void = () => undefined): void {
    const call = ++this.calls;
    const fault = this.#faults.find(({ at, lasting }) => (lasting ? call >= at : call === at));
    if (fault === undefined) return;
    const codes = CODES[effect];
    const code = this.#code ?? codes[Math.floor(fault.draw * codes.length)] ?? codes[0];
    this.injected.push({ effect, code });
    this.struck.add(fault);
    if (effect === 'append' || fault.part > 0.5) partly(fault.part);
    this.onFault();
    throw Object.assign(new Error(`${code}: injected into ${effect}`), { code });
  }
}
