// Letters made before the clock starts: what is measured is the gateway, not the making of mail.

/** A letter ready for the wire: CRLF line ends, no line that begins with a dot, CRLF at its end. About `sizeBytes` long. */
export function makeLetter(from: string, to: string, sizeBytes: number): Buffer {
  const header = [
    `From: Dr Essai <${from}>`,
    `To: <${to}>`,
    'Subject: =?utf-8?Q?Compte_rendu_de_mesure?=',
    'Date: Sun, 22 Nov 2026 08:00:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    '',
  ].join('\r\n');
  const line = `${'Aucun contenu de santé ici. '.repeat(3).slice(0, 76)}\r\n`;
  const lines = Math.max(1, Math.round((sizeBytes - Buffer.byteLength(header)) / Buffer.byteLength(line)));
  return Buffer.from(header + line.repeat(lines));
}
