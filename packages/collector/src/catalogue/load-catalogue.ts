import { builtinCatalogue, DEFAULT_SERVICE_NAME } from './builtin.ts';
import type { Calendar, Catalogue, EscalationPolicy, PriorityMatrix, Service } from './catalogue.ts';
import { checkReferences } from './check-references.ts';
import { matrixFault } from './check-matrix.ts';
import { API_VERSION, FILE_SCHEMAS } from './file-schema.ts';
import type { Kind } from './file-schema.ts';
import { LIMITS } from './limits.ts';
import { readCalendar } from './read-calendar.ts';
import { readDuration } from './read-duration.ts';
import { readService } from './read-service.ts';
import { schemaErrors, suggest } from './schema-errors.ts';
import { readDocuments } from './source-document.ts';
import type { SourceDocument } from './source-document.ts';

export interface CatalogueFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadedCatalogue {
  /** What could be read, over what is built in. Only good for use without errors. */
  readonly catalogue: Catalogue;
  /** `file:line:column: what is wrong; the nearest valid name`. */
  readonly errors: readonly string[];
}

/** What has been read so far, each with the document it stands in. */
export interface Draft {
  readonly services: Map<string, { readonly service: Service; readonly document: SourceDocument }>;
  readonly calendars: Map<string, Calendar>;
  readonly escalationPolicies: Map<string, EscalationPolicy>;
  readonly errors: string[];
  matrix: PriorityMatrix | null;
}

/** Reads a catalogue from the text of its files; each holds any number of documents. Pure. */
export function loadCatalogue(files: readonly CatalogueFile[]): LoadedCatalogue {
  const builtin = builtinCatalogue();
  const draft: Draft = {
    services: new Map(),
    calendars: new Map(builtin.calendars),
    escalationPolicies: new Map(),
    errors: [],
    matrix: null,
  };
  for (const { path, text } of files) {
    const { documents, errors } = readDocuments(path, text);
    draft.errors.push(...errors);
    for (const document of documents) readDocument(document, draft);
  }
  checkReferences(draft);
  const services = [...draft.services.values()].map(({ service }) => service);
  const catalogue = {
    services: [...services, ...builtin.services],
    calendars: draft.calendars,
    matrix: draft.matrix ?? builtin.matrix,
    escalationPolicies: draft.escalationPolicies,
  };
  return { catalogue, errors: draft.errors.slice(0, LIMITS.errors) };
}

function readDocument(document: SourceDocument, draft: Draft): void {
  const { value } = document;
  const written = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (!isKind(written)) {
    const kinds = Object.keys(FILE_SCHEMAS);
    const message =
      typeof written === 'string'
        ? `unknown kind "${written}"; ${suggest(written, kinds)}`
        : `a document needs apiVersion: ${API_VERSION} and kind: one of ${kinds.join(', ')}`;
    draft.errors.push(document.at(['kind'], message));
    return;
  }
  READERS[written](document, draft);
}

function isKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(FILE_SCHEMAS, kind);
}

const READERS: Readonly<Record<Kind, (document: SourceDocument, draft: Draft) => void>> = {
  Service(document, draft) {
    const file = parse('Service', document, draft);
    if (file === null) return;
    const service = readService(file, document, draft.errors);
    if (service.name === DEFAULT_SERVICE_NAME) {
      const message = `"${service.name}" is the built-in service that owns what no other matches: choose another name`;
      draft.errors.push(document.at(['metadata', 'name'], message));
    } else if (draft.services.size >= LIMITS.services) {
      draft.errors.push(document.at([], `more than ${LIMITS.services} services`));
    } else if (isNew(service.name, draft.services, document, draft)) {
      draft.services.set(service.name, { service, document });
    }
  },
  Calendar(document, draft) {
    const file = parse('Calendar', document, draft);
    if (file === null) return;
    const calendar = readCalendar(file, document, draft.errors);
    if (isNew(calendar.name, draft.calendars, document, draft)) draft.calendars.set(calendar.name, calendar);
  },
  PriorityMatrix(document, draft) {
    const file = parse('PriorityMatrix', document, draft);
    if (file === null) return;
    const matrix = { name: file.metadata.name, rows: file.spec.priorities };
    const fault = matrixFault(matrix);
    if (fault !== null) draft.errors.push(document.at(['spec', 'priorities'], `spec.priorities: ${fault}`));
    if (draft.matrix !== null) {
      draft.errors.push(
        document.at(['kind'], `there is a matrix already, "${draft.matrix.name}"; one holds for all`),
      );
    }
    draft.matrix = matrix;
  },
  EscalationPolicy(document, draft) {
    const file = parse('EscalationPolicy', document, draft);
    if (file === null) return;
    const { name } = file.metadata;
    const steps = file.spec.steps.map(({ after, channels }) => ({ afterMs: readDuration(after), channels }));
    if (isNew(name, draft.escalationPolicies, document, draft)) {
      draft.escalationPolicies.set(name, { name, steps });
    }
  },
};

function parse<K extends Kind>(
  kind: K,
  document: SourceDocument,
  draft: Draft,
): (typeof FILE_SCHEMAS)[K]['_output'] | null {
  const schema = FILE_SCHEMAS[kind];
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  draft.errors.push(...schemaErrors(document, schema, parsed.error.issues));
  return null;
}

function isNew(
  name: string,
  known: ReadonlyMap<string, unknown>,
  document: SourceDocument,
  draft: Draft,
): boolean {
  if (!known.has(name)) return true;
  draft.errors.push(document.at(['metadata', 'name'], `metadata.name: there is a "${name}" already`));
  return false;
}
