import { MAX_CONCURRENT_QUERIES, MAX_QUEUED_QUERIES } from '../limits.ts';
import { PrometheusError } from './prometheus-error.ts';

/** Lets a limited number of queries run at once; the others wait their turn. */
export class QueryGate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Runs `query` when there is room. Throws `unavailable` when too many wait, `timeout` when `signal` aborts first. */
  async run<T>(query: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#running >= MAX_CONCURRENT_QUERIES) await this.#turn(signal);
    this.#running++;
    try {
      return await query();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= MAX_QUEUED_QUERIES) {
      throw new PrometheusError(
        'unavailable',
        `${MAX_CONCURRENT_QUERIES} queries run and ${MAX_QUEUED_QUERIES} wait: try again later`,
      );
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(new PrometheusError('timeout', 'query timed out in query queue'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(turn);
    });
  }
}
