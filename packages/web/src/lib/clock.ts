import { signal } from '@preact/signals';

/** The time shown, in milliseconds; moves once a second so that all countdowns step together. */
export const now = signal(Date.now());

export function startClock(): () => void {
  const timer = setInterval(() => {
    now.value = Date.now();
  }, 1000);
  return () => clearInterval(timer);
}
