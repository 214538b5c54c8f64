// Why the embedded server cannot run, in one line an operator can act on.

/** A start that cannot work. The message is one line: what failed, why, and what to do where we know. */
export class EmbeddedStartError extends Error {
  override readonly name = 'EmbeddedStartError';
}

/** The words of an unknown error on one line. */
export function inOneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
