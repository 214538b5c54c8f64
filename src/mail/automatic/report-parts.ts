// The parts of an automatic letter and how a multipart/report is put together of them. RFC 6522 §3; requirements 36 and 44.
// Everything is seven-bit, and of the letter reported on nothing is quoted but its header, or the whole small letter in a receipt.
import { createHash } from 'node:crypto';
import { parseHeaders } from '../headers.ts';
import { type AutomaticLetter, letterHeader } from './letter.ts';
import type { ReportKind } from './recognise.ts';
import { carriedText, isSevenBit } from './seven-bit.ts';

/** One part: its Content-* fields, each ended by CR LF, and its body. */
export type BodyPart = { readonly header: string; readonly body: Buffer };

/** What of the original is given back at most, in bytes. */
export const maxOriginalBytes = 64 * 1024;

/** French words for a person; a whole document when they are HTML. */
export function humanPart(text: string, subtype: 'plain' | 'html' = 'plain'): BodyPart {
  const { encoding, bytes } = carriedText(Buffer.from(text, 'utf8'));
  const fields = [`Content-Type: text/${subtype}; charset=utf-8`, 'Content-Language: fr', `Content-Transfer-Encoding: ${encoding}`];
  return part(fields, bytes);
}

/** Fields for programs, in groups parted by a blank line. */
export function fieldsPart(kind: ReportKind, groups: readonly (readonly string[])[]): BodyPart {
  const text = groups.map((group) => group.map((field) => `${field}\r\n`).join('')).join('\r\n');
  return part([`Content-Type: message/${kind}`], Buffer.from(text, 'latin1'));
}

/**
 * The header of the original, at most 64 KiB, cut between two fields: one that no longer fits is left out. Lines that are no field, and
 * everything after the first blank line, are left out: they may be content. No part at all when nothing remains.
 */
export function headersPart(block: Buffer): BodyPart[] {
  const headers = parseHeaders(block);
  const kept: Buffer[] = [];
  let room = maxOriginalBytes;
  for (const field of headers.fields) {
    if (field.name === '' || field.end - field.start > room) continue;
    kept.push(headers.raw(field));
    room -= field.end - field.start;
  }
  if (kept.length === 0) return [];
  const { encoding, bytes } = carriedText(Buffer.concat(kept));
  return [part(['Content-Type: text/rfc822-headers; charset=utf-8', `Content-Transfer-Encoding: ${encoding}`], bytes)];
}

/** The original as it was, when it is small and seven-bit (RFC 2046 §5.2.1 allows no encoding around a letter); else its header. */
export function letterPart(letter: Buffer): BodyPart[] {
  if (letter.length === 0 || letter.length > maxOriginalBytes || !isSevenBit(letter)) return headersPart(letter);
  return [part(['Content-Type: message/rfc822'], letter)];
}

/** A whole multipart/report. */
export function composeReportLetter(letter: AutomaticLetter, subject: string, kind: ReportKind, parts: readonly BodyPart[]): Buffer {
  return composeMultipart(letter, subject, `multipart/report; report-type=${kind}`, parts);
}

/** A whole letter of several parts; `type` is its Content-Type, without the boundary. */
export function composeMultipart(letter: AutomaticLetter, subject: string, type: string, parts: readonly BodyPart[]): Buffer {
  const written = parts.map(({ header, body }) => Buffer.concat([Buffer.from(`${header}\r\n`, 'latin1'), body]));
  // A digest of what it parts: nobody can write a text that holds the digest of itself.
  const boundary = `passerelle-${createHash('sha256').update(Buffer.concat(written)).digest('hex').slice(0, 40)}`;
  const content = `Content-Type: ${type};\r\n boundary="${boundary}"\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(letterHeader(letter, subject) + content, 'latin1'),
    ...written.flatMap((bytes) => [Buffer.from(`--${boundary}\r\n`, 'latin1'), bytes, Buffer.from('\r\n', 'latin1')]),
    Buffer.from(`--${boundary}--\r\n`, 'latin1'),
  ]);
}

function part(fields: readonly string[], body: Buffer): BodyPart {
  return { header: fields.map((field) => `${field}\r\n`).join(''), body };
}
