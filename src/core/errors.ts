// The two errors that peers may be told about. Everything else that is thrown is our bug and is answered in general words.

/** The peer's fault. `publicText` is shown as it is: a French sentence that names no rule, table or host. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;
  readonly publicText: string;
  constructor(code: string, publicText: string, options?: ErrorOptions) {
    super(`Refused: ${code}`, options);
    this.code = code;
    this.publicText = publicText;
  }
}

/** Not now: the peer should try again. `because` is for the log alone. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly because: string;
  constructor(because: string, options?: ErrorOptions) {
    super(`Unavailable: ${because}`, options);
    this.because = because;
  }
}
