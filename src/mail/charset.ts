// Bytes of a declared charset as text: for header words (RFC 2047) and for text parts in SEARCH.
// The alphabets are those of the platform (WHATWG names: utf-8, iso-8859-*, windows-125x …); an unknown name reads as windows-1252.
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** Turns bytes into text, all at once or, with `stream`, keeping a character cut by the end of the chunk for the next call. */
export interface CharacterDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

/** A fresh decoder for the charset, whatever its name: never throws. A `*language` suffix (RFC 2231 §5) is ignored. */
export function textDecoderFor(charset: string | undefined): CharacterDecoder {
  const label = (charset ?? 'utf-8').replace(/\*.*$/s, '').trim();
  try {
    const decoder = new TextDecoder(label === '' ? 'utf-8' : label);
    return decoder.encoding === 'windows-1252' ? windows1252 : decoder;
  } catch {
    return windows1252;
  }
}

/** Undeclared bytes as text: UTF-8 when they are well-formed UTF-8 (RFC 6532), else windows-1252. */
export function decodeUndeclared(bytes: Uint8Array): string {
  return isUtf8(bytes) ? asBuffer(bytes).toString('utf8') : windows1252.decode(bytes);
}

const windows1252High = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Node 20's TextDecoder reads windows-1252 as latin1: 0x80 to 0x9f come out as control characters. */
const windows1252: CharacterDecoder = {
  decode: (bytes = Buffer.alloc(0)) =>
    asBuffer(bytes)
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (character) => windows1252High[character.charCodeAt(0) - 0x80] ?? character),
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A string of one character per byte, as headers are kept, read as text. ASCII, the common case, is returned as it is. */
export function decodeBinaryString(binary: string): string {
  return hasEightBit(binary) ? decodeUndeclared(Buffer.from(binary, 'latin1')) : binary;
}

/** True when a character per byte string holds a byte above 127. */
export function hasEightBit(binary: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the ASCII table itself
  return /[^\x00-\x7f]/.test(binary);
}

/** At most `limit` UTF-16 units, never ending on half a character. */
export function clipText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}
