// The content of one file of an archive, inflated as it is asked for and held to what its headers say. Requirement 47.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import type { ArchiveEntry } from './archive-entries.ts';
import type { DecodedPart } from './decoded-part.ts';
import { DocumentsProblem } from './documents-problem.ts';

/**
 * The inflated bytes. Whoever stops early is told nothing of the rest; whoever reads to the end knows that size and CRC are right.
 * Throws DocumentsProblem; an error of the part itself passes through.
 */
export async function* entryContent(part: DecodedPart, entry: ArchiveEntry): AsyncGenerator<Buffer, void, undefined> {
  let sizeBytes = 0;
  let checksum = 0;
  for await (const chunk of inflated(part.stream(entry.dataStart, entry.dataEnd), entry.isDeflated)) {
    sizeBytes += chunk.length;
    if (sizeBytes > entry.sizeBytes) throw new DocumentsProblem('sizes-disagree');
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (sizeBytes !== entry.sizeBytes) throw new DocumentsProblem('sizes-disagree');
  if (checksum !== entry.crc32) throw new DocumentsProblem('damaged-content');
}

async function* inflated(compressed: AsyncIterable<Buffer>, isDeflated: boolean): AsyncGenerator<Buffer, void, undefined> {
  if (!isDeflated) {
    yield* compressed;
    return;
  }
  const inflate = createInflateRaw();
  // Its failure reaches the reader of `inflate` too: here it is only kept from being nobody's.
  const feeding = pipeline(compressed, inflate).catch(() => undefined);
  try {
    for await (const chunk of inflate as Readable & AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw isZlibError(error) ? new DocumentsProblem('damaged-content') : error;
  } finally {
    inflate.destroy();
    await feeding;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
