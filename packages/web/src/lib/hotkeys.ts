import { signal } from '@preact/signals';
import { readPreference, writePreference } from './preference.ts';

/** Single-key shortcuts can be switched off (WCAG 2.1.4): speech input and a resting hand press keys unmeant. */
export const hotkeysOn = signal(readPreference('hotkeys') !== 'off');

export function setHotkeys(on: boolean): void {
  hotkeysOn.value = on;
  writePreference('hotkeys', on ? null : 'off');
}

const handlers = new Map<string, Set<(event: KeyboardEvent) => void>>();

/** Binds a key for as long as the returned function is not called; the newest binding of a key wins. */
export function bindKey(key: string, handler: (event: KeyboardEvent) => void): () => void {
  const bound = handlers.get(key) ?? new Set();
  bound.add(handler);
  handlers.set(key, bound);
  return () => bound.delete(handler);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

export function listenForKeys(): () => void {
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) {
    if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
    return;
  }
  if (!hotkeysOn.value || document.querySelector('dialog[open]')) return;
  const handler = [...(handlers.get(event.key) ?? [])].at(-1);
  if (!handler) return;
  event.preventDefault();
  handler(event);
}

/** Moves the focus to the next or previous row's link; j and k work on whatever table is shown. */
export function moveRow(direction: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row-link]')];
  const focused = document.activeElement;
  const current =
    rows.find((row) => row === focused) ??
    focused?.closest('tr')?.querySelector<HTMLElement>('[data-row-link]');
  const at = current ? rows.indexOf(current) : direction === 1 ? -1 : rows.length;
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + direction))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Moves the focus to the page's search field. */
export function focusSearch(): void {
  document.querySelector<HTMLInputElement>('[data-search]')?.focus();
}
