// Reads BER one element after another inside bounds that cannot be crossed: ldapts' reader trusts lengths, a door cannot. RFC 4511 §5.1.
import { Ber, BerReader } from 'ldapts';
import { LdapProtocolError } from './protocol-error.ts';

/** An element: its tag, and its content. */
export type BerElement = { readonly tag: number; readonly content: Buffer };

/** The elements that stand side by side in some bytes. Everything throws LdapProtocolError on bytes that are not what is asked for. */
export class BerElements {
  readonly #reader: BerReader;

  constructor(content: Buffer) {
    this.#reader = new BerReader(content);
  }

  /** True when no element is left. */
  get isAtEnd(): boolean {
    return this.#reader.remain === 0;
  }

  /** The tag of the next element; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#reader.peek() ?? undefined;
  }

  /** The next element, of the tag asked for when one is. */
  next(expectedTag?: number): BerElement {
    const tag = this.#header();
    if (expectedTag !== undefined && tag !== expectedTag) throw new LdapProtocolError('An element is of another type than expected');
    const { length, remain } = this.#reader;
    // A length of four bytes whose first bit is set reads as negative.
    if (length < 0 || length > remain) throw new LdapProtocolError('An element is longer than what holds it');
    const content = this.#reader.remainingBuffer.subarray(0, length);
    this.#reader.offset += length;
    return { tag, content };
  }

  /** The elements inside the next one, a sequence unless another tag is given. */
  inside(tag: number = Ber.Sequence | Ber.Constructor): BerElements {
    return new BerElements(this.next(tag).content);
  }

  /** A whole number between bounds. */
  integer(least: number, most: number, tag: number = Ber.Integer): number {
    const { content } = this.next(tag);
    if (content.length === 0 || content.length > 4) throw new LdapProtocolError('A number has one to four bytes');
    const value = content.readIntBE(0, content.length);
    if (value < least || value > most) throw new LdapProtocolError('A number is out of its range');
    return value;
  }

  /** Yes or no; any byte but zero is yes. */
  boolean(tag: number = Ber.Boolean): boolean {
    const { content } = this.next(tag);
    if (content.length !== 1) throw new LdapProtocolError('A boolean has one byte');
    return content[0] !== 0;
  }

  /** Bytes of any kind. */
  octets(tag: number = Ber.OctetString): Buffer {
    return this.next(tag).content;
  }

  /** Text: an LDAPString. RFC 4511 §4.1.2. */
  text(tag: number = Ber.OctetString): string {
    const text = readText(this.octets(tag));
    if (text === undefined) throw new LdapProtocolError('A text is not UTF-8');
    return text;
  }

  /** Throws when an element is left. */
  end(): void {
    if (!this.isAtEnd) throw new LdapProtocolError('Something follows what is a whole');
  }

  #header(): number {
    try {
      const tag = this.#reader.readSequence();
      // Tags of several bytes have no use in LDAP.
      if (tag !== null && (tag & 0x1f) !== 0x1f) return tag;
    } catch {
      // An indefinite or endless length: answered as everything else here.
    }
    throw new LdapProtocolError('An element cannot be read');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text; undefined when they are not UTF-8. */
export function readText(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
