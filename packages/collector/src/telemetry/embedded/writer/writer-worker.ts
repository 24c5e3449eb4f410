import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { systemFiles } from '../files.ts';
import { StoreWriter, type WriterOptions } from './store-writer.ts';
import type { WriterRequest } from './writer-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('writer-worker runs as a worker thread only');

// Only this package starts the thread, with WriterOptions and WriterRequests.
const options: WriterOptions = workerData;
const writer = new StoreWriter(options, systemFiles, (reply, transfer) => port.postMessage(reply, transfer));
/** After this much, blocks that were sealed are let go of. */
const COLLECT_AFTER_BYTES = 16 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
let sealedBytes = 0;

port.on('message', (request: WriterRequest) => {
  writer.handle(request);
  if (request.kind !== 'task' || request.task.kind !== 'seal-frames') return;
  // Shared memory is no weight in this thread's own heap, so that nothing makes it collect what points there.
  sealedBytes += request.task.block.values.byteLength;
  if (sealedBytes < COLLECT_AFTER_BYTES || typeof collect !== 'function') return;
  sealedBytes = 0;
  collect({ type: 'minor' });
});
