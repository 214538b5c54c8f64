// French sentences where a protocol carries ASCII alone: an SMTP reply without SMTPUTF8 (RFC 5321 §4.2, RFC 6531 §3.7.4), an IMAP
// answer (RFC 3501 §9, resp-text). The words stay readable, and no line break passes.

/** What Unicode's decomposition does not turn into ASCII by itself. */
const spelled: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'OE',
  æ: 'ae',
  Æ: 'AE',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '…': '...',
  '–': '-',
  '—': '-',
  '€': 'EUR',
  '\u00a0': ' ',
  '\u202f': ' ',
};

/** The same words in printable ASCII: accents dropped, ligatures spelled out, anything else a question mark. */
export function asciiText(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/gu, (character) => spelled[character] ?? character.normalize('NFD').replace(/\p{M}/gu, ''))
    .replace(/\s/gu, ' ')
    .replace(/[^\x20-\x7e]/gu, '?');
}
