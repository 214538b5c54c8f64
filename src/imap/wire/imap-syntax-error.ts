// What every parser of this folder throws, and the only thing it throws. The command loop answers it with BAD. RFC 3501 §7.1.3.

/** `message` says what was expected and where; it never repeats what was sent (it may hold a password or health data). */
export class ImapSyntaxError extends Error {
  override readonly name = 'ImapSyntaxError';
  /** Characters read before the error, in the part of the command that was being read. */
  readonly position: number;
  constructor(expected: string, position: number) {
    super(`Expected ${expected} at character ${position + 1}`);
    this.position = position;
  }
}
