// Elements of another server's answers, read inside bounds that cannot be crossed: ldapts' reader trusts lengths, and one that lies keeps
// it reading for ever. Definite lengths of at most four bytes, tags of one. RFC 4511 §5.1, X.690 §8.1.

/** An element: its tag, and its content. */
export type Element = { readonly tag: number; readonly content: Buffer };

/** The element the bytes begin with, and where it ends; undefined while it is not whole. Throws when it is none or would pass `most` bytes. */
export function firstElement(bytes: Buffer, most: number): (Element & { readonly end: number }) | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if ((tag & 0x1f) === 0x1f || first === 0x80 || lengthBytes > 4) throw new Error('Not an element of LDAP');
  const start = 2 + lengthBytes;
  if (bytes.length < start) return undefined;
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes));
  if (end > most) throw new Error('An element is too long');
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(start, end), end };
}

/** The elements that the bytes are made of, one after the other. Throws when they are not. */
export function elementsOf(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const element = firstElement(rest, rest.length);
    if (!element) throw new Error('An element is cut short');
    elements.push(element);
    rest = rest.subarray(element.end);
  }
  return elements;
}

/** The content of an element of the tag asked for. Throws when there is none, or it is another. */
export function contentOf(element: Element | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new Error('An element is missing or another than expected');
  return element.content;
}

/** A whole number of one to four bytes. Throws on anything else. */
export function integerOf(element: Element | undefined, tag: number = berTag.integer): number {
  const content = contentOf(element, tag);
  if (content.length === 0 || content.length > 4) throw new Error('A number has one to four bytes');
  return content.readIntBE(0, content.length);
}

/** Tags of the elements that answers are made of. */
export const berTag = { integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 };
