const WORDS: Readonly<Record<string, (file: string) => string>> = {
  ENOENT: (file) => `there is no file ${file}`,
  EISDIR: (file) => `${file} is a directory, a file is needed`,
  EACCES: (file) => `${file} may not be read by this user`,
};

/** Why a file cannot be read, as one sentence that names it. */
export function readFailure(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return (
    WORDS[code]?.(file) ?? `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`
  );
}

/** Whether the operating system has thrown it: the error of a file, not of what is in it. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
