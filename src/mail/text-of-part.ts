// A text part as text, streaming: for SEARCH BODY and TEXT, which must not hold a letter in memory. RFC 3501 §6.4.4.
import { textDecoderFor } from './charset.ts';
import type { MimePart } from './mime-part.ts';
import { parameter } from './parameters.ts';
import { transferDecoderFor } from './transfer-decoding.ts';

/** Text read of one part before the rest is left out, in UTF-16 units, unless the caller says otherwise. */
export const maxPartText = 4 * 1024 * 1024;

/**
 * Decodes the body bytes of a text part (from its bodyStart to its end) to strings, piece by piece. A text may be cut between two
 * pieces anywhere but inside a character: who searches keeps the tail of the last piece. Stops after `limit` UTF-16 units.
 */
export async function* textOfPart(
  part: Pick<MimePart, 'encoding' | 'params'>,
  body: AsyncIterable<Buffer>,
  limit: number = maxPartText,
): AsyncGenerator<string, void, undefined> {
  const transfer = transferDecoderFor(part.encoding);
  const charset = parameter(part.params, 'charset');
  // ASCII that is not ASCII is UTF-8 far more often than anything else.
  const characters = textDecoderFor(charset === undefined || charset.toLowerCase() === 'us-ascii' ? 'utf-8' : charset);
  let remaining = limit;
  for await (const chunk of body) {
    const text = characters.decode(transfer.write(chunk), { stream: true }).slice(0, remaining);
    remaining -= text.length;
    if (text !== '') yield text;
    if (remaining <= 0) return;
  }
  const last = (characters.decode(transfer.end(), { stream: true }) + characters.decode()).slice(0, remaining);
  if (last !== '') yield last;
}
