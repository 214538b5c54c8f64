// The trace this gateway puts before a letter it has taken: Return-Path and Received. RFC 5321 §4.4, RFC 3848.
// What the peer said of itself is reduced to harmless characters: nothing in it can end the field or open a comment.
import { formatDate } from './date.ts';

/** Everything the two fields tell. */
export type TraceFacts = {
  /** Reverse path without brackets; null for `<>`. */
  readonly returnPath: string | null;
  readonly heloName: string;
  readonly ip: string;
  /** ESMTPS, ESMTPSA … */
  readonly protocol: string;
  /** `TLSv1.3 TLS_AES_256_GCM_SHA384`. */
  readonly tls?: string;
  readonly byHost: string;
  readonly id: string;
  /** Only when one recipient may be named: never for a blind copy among others. */
  readonly forRecipient?: string;
  readonly at: Date;
};

const maxLine = 77;

/** The two fields, ASCII, CRLF line ends, folded below 78 characters where the words allow. */
export function tracePrefix(facts: TraceFacts): Buffer {
  const words = [
    `from ${hostName(facts.heloName)}`,
    `(${ipLiteral(facts.ip)})`,
    `by ${hostName(facts.byHost)}`,
    `with ${printable(facts.protocol, /[^A-Za-z0-9-]/g)}`,
    ...(facts.tls ? [`(${printable(facts.tls, /[^A-Za-z0-9 ._:/-]/g)})`] : []),
    `id ${printable(facts.id, /[^A-Za-z0-9._-]/g)}`,
    ...(facts.forRecipient ? [`for <${path(facts.forRecipient)}>`] : []),
  ];
  return Buffer.from(
    `Return-Path: <${path(facts.returnPath ?? '')}>\r\n${fold('Received:', words)};\r\n\t${formatDate(facts.at)}\r\n`,
    'latin1',
  );
}

function fold(name: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = name;
  for (const word of words) {
    if (line.length + 1 + word.length > maxLine) {
      lines.push(line);
      line = `\t${word}`;
    } else line += ` ${word}`;
  }
  return [...lines, line].join('\r\n');
}

function hostName(name: string): string {
  return printable(name, /[^A-Za-z0-9.:_[\]-]/g) || 'unknown';
}

/** RFC 5321 §4.1.3: an IPv6 address carries its tag. */
function ipLiteral(ip: string): string {
  const plain = printable(ip, /[^0-9A-Fa-f.:]/g);
  return plain.includes(':') ? `[IPv6:${plain}]` : `[${plain}]`;
}

function path(address: string): string {
  return printable(address, /[^\x21-\x3b\x3d\x3f-\x7e]/g);
}

function printable(text: string, forbidden: RegExp): string {
  return text.slice(0, 255).replace(forbidden, '?');
}
