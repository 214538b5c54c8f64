// Filters written as text, turned into bytes by the letter of RFC 4515; ldapts' own reader of such texts knows fewer of them.
import { element, octets } from './ber.ts';

const comparisons: Readonly<Record<string, number>> = { '=': 0xa3, '>=': 0xa5, '<=': 0xa6, '~=': 0xa8 };

/** The bytes of a filter. Throws on text that is none. */
export function filterBytes(text: string): Buffer {
  const { bytes, end } = readFilter(text, 0);
  if (end !== text.length) throw new Error(`Not a filter: ${text}`);
  return bytes;
}

function readFilter(text: string, start: number): { bytes: Buffer; end: number } {
  if (text[start] !== '(') throw new Error(`Not a filter: ${text}`);
  const tag = { '&': 0xa0, '|': 0xa1, '!': 0xa2 }[text[start + 1] ?? ''];
  if (tag === undefined) {
    const end = text.indexOf(')', start);
    return { bytes: readItem(text.slice(start + 1, end)), end: end + 1 };
  }
  const parts: Buffer[] = [];
  let at = start + 2;
  while (text[at] === '(') {
    const { bytes, end } = readFilter(text, at);
    parts.push(bytes);
    at = end;
  }
  return { bytes: element(tag, parts), end: at + 1 };
}

function readItem(item: string): Buffer {
  const [, attribute = '', comparison = '', value = ''] = /^([^=<>~:]*)(:?.*?=)(.*)$/s.exec(item) ?? [];
  if (comparison.startsWith(':')) {
    const [rule = ''] = comparison.slice(1, -1).split(':');
    return element(0xa9, [...(rule ? [octets(rule, 0x81)] : []), octets(attribute, 0x82), octets(unescaped(value), 0x83)]);
  }
  if (comparison === '=' && value === '*') return octets(attribute, 0x87);
  if (comparison === '=' && value.includes('*')) {
    const pieces = value.split('*');
    const tagged = pieces.map((piece, at) => octets(unescaped(piece), at === 0 ? 0x80 : at === pieces.length - 1 ? 0x82 : 0x81));
    return element(0xa4, [
      octets(attribute),
      element(
        0x30,
        tagged.filter((_, at) => pieces[at] !== ''),
      ),
    ]);
  }
  return element(comparisons[comparison] ?? 0, [octets(attribute), octets(unescaped(value))]);
}

function unescaped(value: string): Buffer {
  const parts = value.split(/(\\[0-9a-f]{2})/i).map((part, at) => (at % 2 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)));
  return Buffer.concat(parts);
}
