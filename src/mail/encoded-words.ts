// Encoded words: how header fields carry more than ASCII. RFC 2047. Decoding serves SEARCH and pages, encoding serves requirement 34.
import { decodeUndeclared, textDecoderFor } from './charset.ts';

const encodedWord = /=\?([^?\s]{1,80})\?([bq])\?([^?]*)\?=/gi;
const maxEncodedWord = 75;

/**
 * Header text with its encoded words decoded; the rest is kept. Space between two encoded words is dropped (RFC 2047 §6.2), and
 * neighbours of one charset are decoded together, so that a character split between two words survives.
 */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  let decoded = '';
  let position = 0;
  let charset = '';
  let pending: Buffer[] = [];
  const flush = (): void => {
    if (pending.length > 0) decoded += decodeAs(charset, Buffer.concat(pending));
    pending = [];
  };
  for (const match of text.matchAll(encodedWord)) {
    const between = text.slice(position, match.index);
    const wordCharset = (match[1] ?? '').toLowerCase();
    const adjacent = pending.length > 0 && /^\s*$/.test(between);
    if (!adjacent || wordCharset !== charset) flush();
    if (!adjacent) decoded += between;
    charset = wordCharset;
    pending.push(wordBytes(match[2] ?? '', match[3] ?? ''));
    position = match.index + match[0].length;
  }
  flush();
  return decoded + text.slice(position);
}

/** Text as one or more encoded words of UTF-8, each at most 75 characters, joined by folds (`CRLF SP`). RFC 2047 §2 and §5(3). */
export function encodeWords(text: string): string {
  const prefix = '=?utf-8?q?';
  const words: string[] = [];
  let word = prefix;
  for (const character of text) {
    const encoded = encodeForPhrase(character);
    if (word.length + encoded.length + 2 > maxEncodedWord) {
      words.push(`${word}?=`);
      word = prefix;
    }
    word += encoded;
  }
  words.push(`${word}?=`);
  return words.join('\r\n ');
}

function decodeAs(charset: string, bytes: Buffer): string {
  // Making a decoder costs more than all the rest of a short letter; the commonest alphabet does without.
  if (charset === 'utf-8') return bytes.toString('utf8');
  return charset === 'us-ascii' ? decodeUndeclared(bytes) : textDecoderFor(charset).decode(bytes);
}

function wordBytes(encoding: string, payload: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(payload, 'base64');
  const bytes = payload.replace(/_/g, ' ').replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return hasWideCharacter(bytes) ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes, 'latin1');
}

function hasWideCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not one byte
  return /[^\x00-\xff]/.test(text);
}

function encodeForPhrase(character: string): string {
  if (character === ' ') return '_';
  if (/^[A-Za-z0-9!*+/-]$/.test(character)) return character;
  return Array.from(Buffer.from(character, 'utf8'), (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
