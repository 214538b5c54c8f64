// Optional fields, as exactOptionalPropertyTypes wants them: absent, never undefined.

/** The fields that have a value that is not empty. */
export function present<Fields extends Readonly<Record<string, string | undefined>>>(
  fields: Fields,
): { readonly [Name in keyof Fields]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value)) as { readonly [Name in keyof Fields]?: string };
}
