import { nearestName } from '@plimsoll/rules';
import { z } from 'zod';
import type { Path, SourceDocument } from './source-document.ts';

/** The faults a schema finds in a document, each with its place and, for a wrong name, the nearest valid one. */
export function schemaErrors(
  document: SourceDocument,
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
): readonly string[] {
  // A misspelt key also misses the right one: the cause is told before its effect.
  const causes = issues.filter(({ code }) => code === 'unrecognized_keys');
  const effects = issues.filter(({ code }) => code !== 'unrecognized_keys');
  return [...causes, ...effects].flatMap((issue) => describe(document, schema, issue));
}

/** `did you mean "x"?`, or what would be valid. */
export function suggest(written: string, valid: readonly string[]): string {
  const nearest = nearestName(written, valid);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  return valid.length === 0 ? 'there is none' : `valid are ${valid.join(', ')}`;
}

function describe(document: SourceDocument, schema: z.ZodType, issue: z.core.$ZodIssue): readonly string[] {
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const valid = keysAt(schema, issue.path);
    const section = where === '' ? 'the document' : where;
    return issue.keys.map((key) =>
      document.atKey(issue.path, key, `unknown key "${key}" in ${section}; ${suggest(key, valid)}`),
    );
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    const message = issue.issues[0]?.message ?? issue.message;
    return [document.atKey(issue.path.slice(0, -1), key, `"${key}" ${message}`)];
  }
  if (issue.code === 'invalid_union') return [document.at(issue.path, unionMessage(where, issue))];
  const missing = issue.code === 'invalid_type' && valueAt(document.value, issue.path) === undefined;
  return [document.at(issue.path, `${where}: ${missing ? 'is missing' : issue.message}`)];
}

/** What the most promising variant of a union says. */
function unionMessage(where: string, issue: z.core.$ZodIssueInvalidUnion): string {
  const own = issue.errors.flat().find(({ code }) => code !== 'invalid_type' && code !== 'invalid_value');
  if (own === undefined) return `${where}: ${issue.message}`;
  const path = [...issue.path, ...own.path].map(String).join('.');
  return `${path}: ${own.code === 'unrecognized_keys' ? `unknown key "${own.keys.join('", "')}"` : own.message}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The keys a schema allows at a path. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  let at: JsonSchema | undefined = z.toJSONSchema(schema) as JsonSchema;
  for (const key of path) {
    at = typeof key === 'number' ? at?.items : at?.properties?.[String(key)];
    at = at?.anyOf?.find(({ properties }) => properties !== undefined) ?? at;
  }
  return Object.keys(at?.properties ?? {});
}
