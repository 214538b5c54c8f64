// Where in an encoded body its decoded blocks begin, found in one pass. A place never stands inside a group of base64 nor inside an
// escape, so that each block is decoded by itself. Agrees with transfer-decoding.ts byte for byte. RFC 2045 §6.7, §6.8.
import { DocumentsProblem } from './documents-problem.ts';

/** Block i is encoded in [encoded[i], encoded[i+1]) of the letter and holds [decoded[i], decoded[i+1]) of the content. */
export type Places = { readonly encoded: readonly number[]; readonly decoded: readonly number[] };

const blockBytes = 16 * 1024;
const sliceBytes = 1024;
/** A block of base64 written one character a line takes 48 KiB: past this, the body is blanks to be searched again and again. */
const maxEncodedBlock = 4 * blockBytes;

/** What a byte counts in base64: 1 in the alphabet, and more than any slice can hold for the padding. */
const weights = new Uint32Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')) weights[byte] = 1;
const hexDigits = new Uint8Array(256);
for (const byte of Buffer.from('0123456789ABCDEFabcdef')) hexDigits[byte] = 1;
const padding = 0x3d;
const paddingWeight = 1 << 20;
weights[padding] = paddingWeight;

/** Of a body that is its own content: nothing need be read. */
export function findPlainPlaces(start: number, end: number): Places {
  const encoded: number[] = [];
  for (let at = start; at < end; at += blockBytes) encoded.push(at);
  encoded.push(end);
  return { encoded, decoded: encoded.map((at) => at - start) };
}

/**
 * Of base64 in lines of any length; characters outside the alphabet do not count (RFC 2045 §6.8). Throws DocumentsProblem when it says
 * two things or half a thing: data after padding, a lone last character, more blanks than content.
 */
export async function findBase64Places(body: AsyncIterable<Buffer>, start: number): Promise<Places> {
  const encoded = [start];
  const decoded = [0];
  let characters = 0;
  let isPadded = false;
  let blockStart = start;
  let at = start;
  const endBlock = (end: number) => {
    if (end - blockStart > maxEncodedBlock) throw new DocumentsProblem('broken-encoding');
    blockStart = end;
  };
  const countSlowly = (slice: Buffer) => {
    for (const [index, byte] of slice.entries()) {
      if (byte === padding) isPadded = true;
      if (weights[byte] !== 1) continue;
      if (isPadded) throw new DocumentsProblem('broken-encoding');
      characters += 1;
      if (characters % blockBytes !== 0) continue;
      endBlock(at + index + 1);
      encoded.push(blockStart);
      decoded.push((characters / 4) * 3);
    }
  };
  for await (const chunk of body) {
    for (let index = 0; index < chunk.length; index += sliceBytes) {
      const slice = chunk.subarray(index, index + sliceBytes);
      const weight = weigh(slice);
      // Most slices hold neither padding nor the beginning of a block: their weight is all there is to know.
      if (isPadded || (characters % blockBytes) + weight >= blockBytes) countSlowly(slice);
      else characters += weight;
      at += slice.length;
    }
  }
  endBlock(at);
  if (characters % 4 === 1) throw new DocumentsProblem('broken-encoding');
  return closed(encoded, decoded, at, Math.floor((characters * 3) / 4));
}

function weigh(slice: Buffer): number {
  let weight = 0;
  for (let index = 0; index < slice.length; index += 1) weight += weights[slice[index] as number] as number;
  return weight;
}

/** Of quoted-printable; a broken escape stands for itself. */
export async function findQuotedPrintablePlaces(body: AsyncIterable<Buffer>, start: number): Promise<Places> {
  const encoded = [start];
  const decoded = [0];
  let size = 0;
  let at = start;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let index = 0;
    for (let end = cutOutsideEscape(bytes, blockBytes); end > index; end = cutOutsideEscape(bytes, index + blockBytes)) {
      size += decodedLength(bytes, index, end);
      at += end - index;
      index = end;
      if (at - (encoded.at(-1) as number) < blockBytes / 2) continue;
      encoded.push(at);
      decoded.push(size);
    }
    rest = bytes.subarray(index);
  }
  return closed(encoded, decoded, at + rest.length, size + rest.length);
}

/** The last place is the end; a block that would be empty is left out. */
function closed(encoded: number[], decoded: number[], end: number, size: number): Places {
  if (decoded.at(-1) === size && decoded.length > 1) {
    encoded.pop();
    decoded.pop();
  }
  return { encoded: [...encoded, end], decoded: [...decoded, size] };
}

/** The last offset up to `limit` outside an escape that more bytes could complete: `=`, `=A`, `=` CR. */
function cutOutsideEscape(bytes: Buffer, limit: number): number {
  const end = Math.min(limit, bytes.length);
  const open = bytes.subarray(Math.max(0, end - 2), end).lastIndexOf(padding);
  const at = Math.max(0, end - 2) + open;
  return open < 0 || bytes.readUInt8(Math.min(at + 1, end - 1)) === 10 ? end : at;
}

/** How many bytes [start, end) decode to; it ends outside an escape. */
function decodedLength(bytes: Buffer, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; ) {
    if (bytes[at] !== padding) {
      length += 1;
      at += 1;
    } else if (bytes[at + 1] === 10) at += 2;
    else if (bytes[at + 1] === 13 && bytes[at + 2] === 10) at += 3;
    else {
      length += 1;
      at += hexDigits[bytes[at + 1] ?? 0] === 1 && hexDigits[bytes[at + 2] ?? 0] === 1 ? 3 : 1;
    }
  }
  return length;
}
