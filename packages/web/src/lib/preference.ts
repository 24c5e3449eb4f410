/** Preferences of this browser. Storage may be forbidden; then a preference lasts as long as the page. */
export function readPreference(name: string): string | null {
  try {
    return localStorage.getItem(`plimsoll.${name}`);
  } catch {
    return null;
  }
}

export function writePreference(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`plimsoll.${name}`);
    else localStorage.setItem(`plimsoll.${name}`, value);
  } catch {
    // The choice still holds for this page; there is nothing a reader could do about it.
  }
}
