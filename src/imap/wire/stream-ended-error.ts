// The peer has gone in the middle of something: a literal half received, an answer half sent. Nothing can be answered any more.

/** The connection ended early; whoever waits on it gives up what it was doing and closes. */
export class StreamEndedError extends Error {
  override readonly name = 'StreamEndedError';
}
