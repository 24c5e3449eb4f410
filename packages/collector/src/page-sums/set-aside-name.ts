const SET_ASIDE = /\.damaged-\d+$/;

/** What a damaged database is called from now on, so that all else can go on without it. */
export function setAsideName(file: string, nowMs: number): string {
  return `${file}.damaged-${nowMs}`;
}

/** Whether a file was found damaged once, and set aside. */
export function isSetAside(name: string): boolean {
  return SET_ASIDE.test(name);
}
