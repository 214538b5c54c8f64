// The list of settings, read out of the schema: what the environment, the refusals and a settings page go by.
import { z } from 'zod';
import type { About } from './kinds.ts';
import { configSchema } from './schema.ts';

/** One setting. */
export type Setting = {
  /** `smtp.submission.port` is `['smtp', 'submission', 'port']`. */
  readonly path: readonly string[];
  /** `PASSERELLE_SMTP_SUBMISSION_PORT`. */
  readonly variable: string;
  readonly description: string;
  readonly example: string;
  readonly secret: boolean;
  /** How text from the environment is read. */
  readonly kind: 'text' | 'number' | 'flag' | 'list' | 'table';
};

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = listSettings(configSchema, []);

function listSettings(schema: z.core.$ZodType, path: readonly string[]): Setting[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape as Record<string, z.core.$ZodType>).flatMap(([key, value]) => listSettings(value, [...path, key]));
  }
  const about = z.globalRegistry.get(schema) as About | undefined;
  if (!about) throw new Error(`The setting ${path.join('.')} is not described`);
  return [
    {
      path,
      variable: variableOf(path),
      description: about.description,
      example: about.example,
      secret: about.secret === true,
      kind: kindOf(inner),
    },
  ];
}

// Defaults, options and conversions stand around the schema that says what is written.
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.def.innerType);
  if (schema instanceof z.ZodPipe) return unwrap(schema.def.in);
  return schema;
}

function kindOf(schema: z.core.$ZodType): Setting['kind'] {
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodBoolean) return 'flag';
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodRecord) return 'table';
  return 'text';
}

function variableOf(path: readonly string[]): string {
  return `PASSERELLE_${path.map((key) => key.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_')}`;
}
