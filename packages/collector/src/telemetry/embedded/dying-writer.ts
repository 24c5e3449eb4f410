import { parentPort, workerData } from 'node:worker_threads';
import { type FileLayer, systemFiles } from './files.ts';
import { StoreWriter, type WriterOptions } from './writer/store-writer.ts';
import type { WriterRequest } from './writer/writer-protocol.ts';

/** When and how a writer's thread dies. */
export interface DyingWriterOptions extends WriterOptions {
  /** In the middle of which effect on files, counted from 1; or when it is asked to close. */
  readonly dieAt: number | 'close';
  /** In [0, 1): how much of the effect comes about; nothing in the lower half. */
  readonly part: number;
  /** At once, as a thread without memory does, or by an error that nothing catches. */
  readonly how: 'exit' | 'throw';
}

/** Test program: the writer's thread, which dies. */
const port = parentPort;
if (port === null) throw new Error('dying-writer runs as a worker thread only');
// Only a test starts the thread, with these.
const options: DyingWriterOptions = workerData;
const { dieAt, part, how } = options;
let effects = 0;

function whole<Args extends unknown[]>(effect: (...args: Args) => void): (...args: Args) => void {
  return dying(effect, effect);
}

/** An error that nothing catches comes a little later than the effect; the thread's end in the middle of it. */
function dying<Args extends unknown[], R>(effect: (...args: Args) => R, partly: (...args: Args) => void) {
  return (...args: Args): R => {
    if (++effects === dieAt && how === 'exit') {
      if (part > 0.5) partly(...args);
      process.exit(7);
    }
    if (effects === dieAt) {
      setImmediate(() => {
        throw new Error('the test has the writer die');
      });
    }
    return effect(...args);
  };
}

const files: FileLayer = {
  openAppend: dying(
    (path) => systemFiles.openAppend(path),
    (path) => systemFiles.close(systemFiles.openAppend(path)),
  ),
  append: dying(
    (fd, bytes) => systemFiles.append(fd, bytes),
    (fd, bytes) => systemFiles.append(fd, bytes.subarray(0, Math.floor(bytes.length * (2 * part - 1)))),
  ),
  datasync: whole((fd: number) => systemFiles.datasync(fd)),
  truncate: whole((fd: number, sizeBytes: number) => systemFiles.truncate(fd, sizeBytes)),
  close: (fd) => systemFiles.close(fd),
  rename: whole((from: string, to: string) => systemFiles.rename(from, to)),
  remove: whole((path: string) => systemFiles.remove(path)),
  syncDirectory: whole((path: string) => systemFiles.syncDirectory(path)),
  beforeCommit: dying(
    () => undefined,
    () => undefined,
  ),
};

const writer = new StoreWriter(options, files, (reply, transfer) => port.postMessage(reply, transfer));
port.on('message', (request: WriterRequest) => {
  if (dieAt === 'close' && request.kind === 'task' && request.task.kind === 'close') process.exit(7);
  writer.handle(request);
});
