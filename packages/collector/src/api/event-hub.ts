import { Counter, Gauge } from 'prom-client';
import { PlimsollError } from '../errors.ts';
import { LOG_REPEAT_MS } from '../limits.ts';
import { limitRepeats } from '../log-limit.ts';
import type { Runtime } from '../runtime.ts';
import { EVENT_HEARTBEAT_MS, MAX_EVENT_CLIENTS, MAX_EVENT_QUEUE } from './limits.ts';

/** What changed; the client fetches what it shows. */
type EventKind = 'incident' | 'problem' | 'host' | 'capacity' | 'status';

/** Tells every connected browser what changed. */
export interface EventHub extends Disposable {
  publish(kind: EventKind, id: string): void;
  /** A new client's event stream; `cut` ends its connection. Throws `resource_exhausted` when too many are open. */
  open(cut: () => void): ReadableStream<Uint8Array>;
}

interface Client {
  readonly stream: ReadableStreamDefaultController<Uint8Array>;
  readonly cut: () => void;
}

/** Milliseconds after which a client whose stream broke comes back. */
const RETRY_MS = 2_000;

/** Makes a hub. A client that does not read `MAX_EVENT_QUEUE` events is cut off and counted; it comes back and refetches. */
export function createEventHub(runtime: Runtime): EventHub {
  const clients = new Set<Client>();
  const encoder = new TextEncoder();
  const warn = limitRepeats(runtime, LOG_REPEAT_MS);
  const connected = new Gauge({
    name: 'plimsoll_event_clients',
    help: 'Clients connected to the event stream.',
    registers: [runtime.metrics],
  });
  const dropped = new Counter({
    name: 'plimsoll_event_clients_dropped_total',
    help: 'Clients of the event stream cut off because they did not read fast enough.',
    registers: [runtime.metrics],
  });
  const remove = (client: Client) => {
    clients.delete(client);
    connected.set(clients.size);
  };
  const send = (text: string) => {
    const bytes = encoder.encode(text);
    for (const client of clients) {
      if ((client.stream.desiredSize ?? 0) > 0) {
        client.stream.enqueue(bytes);
        continue;
      }
      remove(client);
      dropped.inc();
      warn('slow', { queueLimit: MAX_EVENT_QUEUE }, 'a client of the event stream was too slow: cut off');
      client.cut();
    }
  };
  const heartbeat = setInterval(() => send(': still here\n\n'), EVENT_HEARTBEAT_MS).unref();
  return {
    publish: (kind, id) => send(`event: ${kind}\ndata: ${JSON.stringify({ id })}\n\n`),
    open(cut) {
      if (clients.size >= MAX_EVENT_CLIENTS) {
        throw new PlimsollError(
          'resource_exhausted',
          `${MAX_EVENT_CLIENTS} clients listen to events already: close a tab and try again`,
        );
      }
      let self: Client | undefined;
      return new ReadableStream<Uint8Array>(
        {
          start(stream) {
            self = { stream, cut };
            clients.add(self);
            connected.set(clients.size);
            stream.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
          },
          cancel() {
            if (self !== undefined) remove(self);
          },
        },
        new CountQueuingStrategy({ highWaterMark: MAX_EVENT_QUEUE }),
      );
    },
    [Symbol.dispose]() {
      clearInterval(heartbeat);
      for (const { stream } of clients) stream.close();
      clients.clear();
      connected.set(0);
    },
  };
}
