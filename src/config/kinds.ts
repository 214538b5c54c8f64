// The kinds of value a setting may have: each says in words what it expects, so that a refusal can be understood.
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseSize } from './human-sizes.ts';

/** What is known of a setting beside its kind: for the settings page, for refusals, for `config show`. */
export type About = {
  readonly description: string;
  /** As it would be written in the environment. */
  readonly example: string;
  /** Never shown. */
  readonly secret?: true;
};

/** A setting's meta. */
export const about = (description: string, example: string): About => ({ description, example });

/** The meta of a setting that is never shown. */
export const secret = (description: string, example: string): About => ({ description, example, secret: true });

/** Settings that belong together. */
export const section = <S extends z.ZodRawShape>(description: string, shape: S) => z.strictObject(shape).describe(description);

/** A TCP port. 0 lets the system choose a free one. */
export const port = () => z.int({ error: portText }).min(0, portText).max(65_535, portText);
const portText = 'expected a port, 0 (any free one) to 65535';

/** A whole number within bounds. */
export function count(least: number, most: number) {
  const text = `expected a whole number, ${least} to ${most}`;
  return z.int({ error: text }).min(least, text).max(most, text);
}

/** A size in bytes, read from a number or from text such as `20MiB`. */
export function size(least: number, most: number) {
  const text = `expected a size, for example 16KiB, 20MiB or 2GiB, of ${least} to ${most} bytes`;
  return z.union([z.number(), z.string()], { error: text }).transform((value, context) => {
    const bytes = typeof value === 'number' ? value : parseSize(value);
    if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= least && bytes <= most) return bytes;
    context.addIssue({ code: 'custom', message: text });
    return z.NEVER;
  });
}

/** The path of a file or folder, made absolute from the working folder. */
export const path = () =>
  z
    .string({ error: pathText })
    .min(1, pathText)
    .transform((value) => resolve(value));
const pathText = 'expected a path';

/** A host name or an IP address. */
export const host = () => z.string({ error: hostText }).regex(/^[A-Za-z0-9.:_-]{1,253}$/, hostText);
const hostText = 'expected a host name or an IP address';

/** A mail domain, lower-cased. RFC 1035 §2.3.1. */
export const domain = () =>
  z
    .string({ error: domainText })
    .toLowerCase()
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, domainText);
const domainText = 'expected a mail domain, for example patient.mssante.fr';

/** An address of a server, with one of the given schemes. */
export function url(...schemes: string[]) {
  const text = `expected an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return z
    .string({ error: text })
    .refine((value) => schemes.some((scheme) => value.startsWith(`${scheme}://`)) && URL.canParse(value), text);
}

/** Yes or no. */
export const flag = () => z.boolean({ error: 'expected true or false' });

/** One of a few words. */
export function oneOf<const T extends readonly [string, ...string[]]>(...words: T) {
  return z.enum(words as unknown as [...T], { error: `expected one of ${words.join(', ')}` });
}
