import { z } from 'zod';
import { emailSchema, fileDefaults, fileSchema, webhookSchema } from './file-schema.ts';

/** One key of the configuration file, for the reference page. */
export interface ReferencedSetting {
  readonly key: string;
  /** In the file's notation; '' when there is none. */
  readonly default: string;
  readonly help: string;
}

/** Every key of the configuration file, in the file's order; those of notification channels under their kind. */
export function configReference(): ReferencedSetting[] {
  return [
    ...settingsOf(fileSchema, fileDefaults, ''),
    ...[webhookSchema, emailSchema].flatMap((schema) =>
      settingsOf(schema, {}, `notifications.channels[${schema.shape.kind.value}].`),
    ),
  ];
}

function settingsOf(schema: z.ZodObject, defaults: unknown, prefix: string): ReferencedSetting[] {
  return Object.entries(schema.shape).flatMap(([name, inner]): ReferencedSetting[] => {
    const fallback: unknown =
      typeof defaults === 'object' && defaults !== null ? Reflect.get(defaults, name) : undefined;
    if (inner instanceof z.ZodObject) return settingsOf(inner, fallback, `${prefix}${name}.`);
    const help = inner instanceof z.ZodType ? inner.description : undefined;
    if (help === undefined) return [];
    return [{ key: prefix + name, default: defaultText(inner, fallback), help }];
  });
}

function defaultText(schema: unknown, fallback: unknown): string {
  const value = schema instanceof z.ZodDefault ? schema.def.defaultValue : fallback;
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
