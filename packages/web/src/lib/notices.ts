import { signal } from '@preact/signals';

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

export const notices = signal<readonly Notice[]>([]);
let lastId = 0;
const doneForMs = 6000;

/** Says what happened, seen and heard. A failure stays until it is dismissed. */
export function notify(kind: Notice['kind'], text: string): void {
  lastId += 1;
  const id = lastId;
  notices.value = [...notices.value, { id, kind, text }];
  if (kind === 'done') setTimeout(() => dismiss(id), doneForMs);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
