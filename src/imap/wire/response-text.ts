// The human text of an answer. RFC 3501 §9 (resp-text) wants one line of ASCII, so accents are taken off and line breaks cannot pass.

const spelled: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'OE',
  æ: 'ae',
  Æ: 'AE',
  '’': "'",
  '‘': "'",
  '«': '"',
  '»': '"',
  '…': '...',
  '–': '-',
  '—': '-',
  '€': 'EUR',
};

/** One line of printable ASCII, never empty, and never taken for a response code. */
export function responseText(text: string): string {
  const ascii = text
    .replace(/[œŒæÆ’‘«»…–—€]/g, (character) => spelled[character] ?? '?')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim();
  return ascii === '' ? '-' : ascii.replace(/^\[/, '(');
}
