// Long work in short slices: between two of them every other connection has its turn. A hostile attachment may cost time, never a stall.
import { setImmediate } from 'node:timers/promises';

const sliceBytes = 64 * 1024;

/** The same bytes in pieces of at most 64 KiB, the event loop turning once before each but the first. */
export async function* unhurried(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += sliceBytes) {
      yield chunk.subarray(at, at + sliceBytes);
      await setImmediate();
    }
  }
}
