// The messages a directory answers with, read strictly. RFC 4511 §4.1.1, §4.1.9, §4.5.2.
import { ProtocolOperation } from 'ldapts';
import { berTag, contentOf, type Element, elementsOf, firstElement, integerOf } from './ber.ts';

/** The values of each attribute of an entry, by its name in lower case (RFC 4512 §2.5). Values that are not UTF-8 are left out. */
export type FoundAttributes = ReadonlyMap<string, readonly string[]>;

/** A message: which question it answers, and with what. References to other servers are `other`: they are not followed. */
export type AnswerMessage = { readonly id: number; readonly end: number } & (
  | { readonly is: 'entry'; readonly attributes: FoundAttributes }
  /** The last of its question. 0 is success. */
  | { readonly is: 'result'; readonly operation: number; readonly code: number }
  | { readonly is: 'other' }
);

/** Longest message listened to: an entry has a handful of short attributes. */
export const mostMessageBytes = 65_536;

const results = new Set<number>([ProtocolOperation.LDAP_RES_BIND, ProtocolOperation.LDAP_RES_SEARCH, ProtocolOperation.LDAP_RES_EXTENSION]);

/** The message that the bytes begin with, and where it ends; undefined while it is not whole. Throws on bytes that are none. */
export function firstMessage(bytes: Buffer): AnswerMessage | undefined {
  if (bytes.length > 0 && bytes[0] !== berTag.sequence) throw new Error('Not a message');
  const message = firstElement(bytes, mostMessageBytes);
  if (!message) return undefined;
  const [number, body] = elementsOf(message.content);
  const id = integerOf(number);
  if (!body) throw new Error('A message without a body');
  if (body.tag === ProtocolOperation.LDAP_RES_SEARCH_ENTRY) return { id, end: message.end, is: 'entry', attributes: readAttributes(body) };
  if (!results.has(body.tag)) return { id, end: message.end, is: 'other' };
  const code = integerOf(elementsOf(body.content)[0], berTag.enumerated);
  return { id, end: message.end, is: 'result', operation: body.tag, code };
}

function readAttributes({ content }: Element): FoundAttributes {
  const [, list] = elementsOf(content);
  const attributes = new Map<string, string[]>();
  for (const attribute of elementsOf(contentOf(list, berTag.sequence))) {
    const [type, set] = elementsOf(contentOf(attribute, berTag.sequence));
    const name = contentOf(type, berTag.octets).toString('latin1').toLowerCase();
    const values = elementsOf(contentOf(set, berTag.set)).map((value) => contentOf(value, berTag.octets));
    const known = attributes.get(name) ?? [];
    attributes.set(name, known);
    for (const text of values.map(readText)) if (text !== undefined) known.push(text);
  }
  return attributes;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readText(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
