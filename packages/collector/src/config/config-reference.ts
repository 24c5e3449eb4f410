import { z } from 'zod';
import { emailSchema, fileDefaults, fileSchema, webhookSchema } from './file-schema.ts';

/** One key of the configuration file, for the reference page. */
export interface ReferencedSetting {
  readonly key: string;
  /** In the file's notation; '' when there is none. */
  readonly default: string;
  /** Of what kind it is, and within which limits: `duration, 1h or more`. */
  readonly allowed: string;
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
    return [{ key: prefix + name, default: defaultText(inner, fallback), allowed: allowedText(inner), help }];
  });
}

function defaultText(schema: unknown, fallback: unknown): string {
  const value = schema instanceof z.ZodDefault ? schema.def.defaultValue : fallback;
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Read from the schema itself, so that what is told is what is checked. */
function allowedText(schema: z.core.$ZodType): string {
  const { allowed } = z.globalRegistry.get(schema) ?? {};
  if (typeof allowed === 'string') return allowed;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return allowedText(schema.unwrap());
  if (schema instanceof z.ZodEnum) return schema.options.join(', ');
  if (schema instanceof z.ZodLiteral) return [...schema.values].join(', ');
  if (schema instanceof z.ZodNumber)
    return `whole number, ${countText(schema.minValue)} to ${countText(schema.maxValue)}`;
  if (schema instanceof z.ZodBoolean) return 'true, false';
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodRecord) return 'map of names to texts';
  if (schema instanceof z.ZodURL) return 'http or https address';
  return 'text';
}

function countText(count: number | null): string {
  return count?.toLocaleString('en-US') ?? 'any';
}
