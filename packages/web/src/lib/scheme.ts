import { computed, effect, signal } from '@preact/signals';
import { readPreference, writePreference } from './preference.ts';

type SchemeChoice = 'system' | 'light' | 'dark';

const stored = readPreference('scheme');
const schemeChoice = signal<SchemeChoice>(stored === 'light' || stored === 'dark' ? stored : 'system');

const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(darkSystem.matches);
darkSystem.addEventListener('change', (event) => {
  systemIsDark.value = event.matches;
});

/** The scheme in force; charts read it, since a canvas does not follow style sheets. */
export const scheme = computed<'light' | 'dark'>(() =>
  schemeChoice.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : schemeChoice.value,
);

effect(() => {
  if (schemeChoice.value === 'system') delete document.documentElement.dataset['scheme'];
  else document.documentElement.dataset['scheme'] = schemeChoice.value;
});

/** Turns to the other scheme; back on the system's own, the choice is forgotten. */
export function toggleScheme(): void {
  const wanted = scheme.value === 'dark' ? 'light' : 'dark';
  const isSystems = (wanted === 'dark') === systemIsDark.value;
  schemeChoice.value = isSystems ? 'system' : wanted;
  writePreference('scheme', isSystems ? null : wanted);
}
