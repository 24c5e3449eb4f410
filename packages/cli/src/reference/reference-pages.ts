import { configurationPage } from './configuration-page.ts';
import { flagPage } from './flag-page.ts';

/** The generated pages of docs/reference by file name. */
export async function referencePages(): Promise<Record<string, string>> {
  return { 'flags.md': flagPage(), 'configuration.md': configurationPage() };
}
