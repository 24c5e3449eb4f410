import type { ClockEcho } from '@plimsoll/proto';

/** Echoes looked back at: the one with the shortest way there and back is the most exact. */
const WINDOW = 8;

/** Measures this clock against the collector's from echoes of our own messages, as NTP does. */
export class ClockOffset {
  readonly #recent: { readonly offsetUs: number; readonly delayUs: number }[] = [];

  /** Takes an echo in that arrived at `arrivedAtUs` of our clock. */
  add(echo: ClockEcho, arrivedAtUs: number): void {
    const sent = Number(echo.sentAtUs);
    const received = Number(echo.receivedAtUs);
    const answered = Number(echo.answeredAtUs);
    if (sent <= 0 || arrivedAtUs < sent) return;
    this.#recent.push({
      offsetUs: (sent - received + (arrivedAtUs - answered)) / 2,
      delayUs: arrivedAtUs - sent - (answered - received),
    });
    if (this.#recent.length > WINDOW) this.#recent.shift();
  }

  /** This clock minus the collector's, microseconds; undefined before the first echo. */
  get us(): number | undefined {
    let best: { offsetUs: number; delayUs: number } | undefined;
    for (const sample of this.#recent) if (best === undefined || sample.delayUs < best.delayUs) best = sample;
    return best === undefined ? undefined : Math.round(best.offsetUs);
  }
}
