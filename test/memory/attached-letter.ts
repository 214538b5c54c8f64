// A letter with one attachment of random bytes, which no compression makes smaller.
import { randomBytes } from 'node:crypto';

const bytesPerLine = 57;

/** With CRLF line ends and no line that begins with a dot. Longer than its attachment by a good third. */
export function attachedLetter(from: string, to: string, attachmentBytes: number): Buffer {
  const head = [
    `From: <${from}>`,
    `To: <${to}>`,
    'Subject: Examen complet',
    'Date: Sun, 22 Nov 2026 08:00:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=limite',
    '',
    '--limite',
    'Content-Type: text/plain',
    '',
    'Voir la piece jointe.',
    '--limite',
    'Content-Type: application/octet-stream',
    'Content-Disposition: attachment; filename=examen.bin',
    'Content-Transfer-Encoding: base64',
    '',
    '',
  ].join('\r\n');
  // A multiple of three lines' worth at a time: what base64 makes of it joins without padding.
  const lines: string[] = [];
  const content = randomBytes(attachmentBytes);
  for (let at = 0; at < attachmentBytes; at += bytesPerLine) lines.push(content.subarray(at, at + bytesPerLine).toString('base64'));
  return Buffer.from(`${head}${lines.join('\r\n')}\r\n--limite--\r\n`, 'latin1');
}
