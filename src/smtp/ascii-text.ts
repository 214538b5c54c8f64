// French sentences as an SMTP reply may carry them: without SMTPUTF8 a reply line is US-ASCII. RFC 5321 §4.2, RFC 6531 §3.7.4.

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
