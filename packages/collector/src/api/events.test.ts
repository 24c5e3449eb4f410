import http from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { MAX_EVENT_CLIENTS, MAX_EVENT_QUEUE } from './limits.ts';
import { rawRequest, startTestApi } from './testing/start-test-api.ts';

/** Connects to the event stream and gathers its text. */
async function listen(
  url: string,
): Promise<{ text: () => string; answer: http.IncomingMessage; close: () => void }> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}/api/plimsoll/v1/events`, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      // A client that is cut off sees its connection reset.
      answer.on('error', () => undefined);
      resolve({ text: () => text, answer, close: () => request.destroy() });
    });
    request.on('error', reject);
  });
}

describe('the event stream', () => {
  it('tells every client what changed', async () => {
    await using api = await startTestApi();
    const clients = await Promise.all([listen(api.url), listen(api.url)]);
    for (const { answer, text } of clients) {
      expect(answer.headers['content-type']).toBe('text/event-stream');
      expect(answer.headers['cache-control']).toBe('no-store');
      await vi.waitFor(() => expect(text()).toBe('retry: 2000\n\n'));
    }
    api.events.publish('incident', 'i"1\n');
    for (const { text } of clients) {
      await vi.waitFor(() => expect(text()).toContain('event: incident\ndata: {"id":"i\\"1\\n"}\n\n'));
    }
    for (const { close } of clients) close();
    const metrics = () => rawRequest(`${api.url}/metrics`);
    await vi.waitFor(async () => {
      api.events.publish('status', 'collector');
      expect((await metrics()).body).toContain('plimsoll_event_clients 0');
    });
  });

  it('cuts off a client that does not read, counts it, and goes on for the others', async () => {
    await using api = await startTestApi();
    const slow = await listen(api.url);
    const fast = await listen(api.url);
    await vi.waitFor(() => expect(fast.text()).not.toBe(''));
    slow.answer.pause();
    const big = 'x'.repeat(100_000);
    await vi.waitFor(
      async () => {
        for (let i = 0; i < MAX_EVENT_QUEUE / 4; i++) api.events.publish('host', big);
        await new Promise((resolve) => setImmediate(resolve));
        expect((await rawRequest(`${api.url}/metrics`)).body).toMatch(
          /plimsoll_event_clients_dropped_total [1-9]/,
        );
      },
      { timeout: 10_000, interval: 1 },
    );
    slow.close();
    fast.close();
  });

  it('has room for a limited number', async () => {
    await using api = await startTestApi();
    const clients = await Promise.all(Array.from({ length: MAX_EVENT_CLIENTS }, () => listen(api.url)));
    const refused = await rawRequest(`${api.url}/api/plimsoll/v1/events`);
    expect(refused.status).toBe(429);
    for (const { close } of clients) close();
  });

  it('ends when the collector stops', async () => {
    const api = await startTestApi();
    const { answer } = await listen(api.url);
    const ended = new Promise((resolve) => answer.on('end', resolve));
    await api[Symbol.asyncDispose]();
    await ended;
    expect(answer.complete).toBe(true);
  });
});
