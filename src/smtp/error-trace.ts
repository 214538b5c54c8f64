// What may be written of an error met while handling a letter. Messages are left out: a database or a parser may quote
// an address, a matricule or a line of the letter in them. Requirement 58.

/** Class, code and call sites of an error, without its message. */
export function errorTrace(error: unknown): { name: string; code?: string; at?: string } {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const at = error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .map((line) => line.trim())
    .join(' | ');
  return { name: error.name, ...code, ...(at ? { at } : {}) };
}
