import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that went through, and its answer. */
export interface Exchange {
  readonly path: string;
  readonly requestType: string;
  readonly requestEncoding: string;
  readonly status: number;
  readonly responseType: string;
}

/** Stands between a client and a server, and tells how they spoke. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
}

/** `target` answers the server's base URL: it may come again elsewhere. */
export async function startRecordingProxy(target: () => string): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const server = createServer((asked, answer) => {
    pass(target(), asked, answer, (exchange) => exchanges.push(exchange));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pass(
  target: string,
  asked: IncomingMessage,
  answer: ServerResponse,
  record: (exchange: Exchange) => void,
): void {
  const { method, headers, url = '/' } = asked;
  const onward = request(new URL(url, target), { method, headers }, (answered) => {
    const status = answered.statusCode ?? 0;
    record({
      path: url,
      requestType: headers['content-type'] ?? '',
      requestEncoding: headers['content-encoding'] ?? '',
      status,
      responseType: answered.headers['content-type'] ?? '',
    });
    answer.writeHead(status, answered.headers);
    answered.pipe(answer);
  });
  // The client sees a broken connection where the server broke it.
  onward.on('error', () => answer.destroy());
  asked.pipe(onward);
}
