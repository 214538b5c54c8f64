// Reads the header of a letter from another operator while it passes unchanged: the judge needs X-MSS-MES, Subject and From.
import { HeaderBlockReader } from './header-block.ts';
import { parseHeaders } from './headers.ts';
import { PassedHeaders, type PassingLetter } from './passing-letter.ts';

/** Header bytes that are read; a larger header passes all the same, its further fields unseen. */
export const maxObservedHeaderBytes = 256 * 1024;

/** Lets a letter through as it is. */
export function observeHeaders(source: AsyncIterable<Buffer>): PassingLetter {
  const passed = new PassedHeaders();
  return { bytes: observing(source, passed), headers: () => passed.read(), hasHeaders: () => passed.isKnown };
}

async function* observing(source: AsyncIterable<Buffer>, passed: PassedHeaders): AsyncGenerator<Buffer> {
  const reader = new HeaderBlockReader(maxObservedHeaderBytes);
  for await (const chunk of source) {
    if (!passed.isKnown && reader.read(chunk).is !== 'partial') passed.note(parseHeaders(reader.block));
    yield chunk;
  }
  if (!passed.isKnown) passed.note(parseHeaders(reader.block));
}
