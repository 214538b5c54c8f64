// Rows that an operator names by the identifier a list has shown.

/** The identifier, as the database writes it; undefined for what is none. */
export function identifierIn(typed: string): string | undefined {
  const text = typed.trim().toLowerCase();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : undefined;
}
