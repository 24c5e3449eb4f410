import { parentPort, workerData } from 'node:worker_threads';
import { systemFiles } from '../files.ts';
import { StoreWriter, type WriterOptions } from './store-writer.ts';
import type { WriterRequest } from './writer-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('writer-worker runs as a worker thread only');

// Only this package starts the thread, with WriterOptions and WriterRequests.
const options: WriterOptions = workerData;
const writer = new StoreWriter(options, systemFiles, (reply, transfer) => port.postMessage(reply, transfer));
port.on('message', (request: WriterRequest) => writer.handle(request));
