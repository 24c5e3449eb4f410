import { loadCatalogue } from '@plimsoll/collector';
import { type FileCheck, readFiles } from './file-check.ts';

/** Checks service files as one catalogue: they may refer to one another. */
export const checkServiceFiles: FileCheck = async (files) => {
  const { texts, faults } = await readFiles(files);
  const { catalogue, errors } = loadCatalogue(texts);
  const all = [...faults, ...errors];
  const { services, calendars } = catalogue;
  const summary = `${texts.map(({ path }) => path).join(', ')}: valid; ${services.length} services, ${calendars.size} calendars, the built-in ones included`;
  return { lines: all.length === 0 ? [summary] : [], faults: all };
};
