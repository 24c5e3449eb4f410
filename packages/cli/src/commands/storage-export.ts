/** `plimsoll storage export`. */
export async function storageExportCommand(_args: readonly string[]): Promise<number> {
  return Promise.resolve(1);
}
