// Requests, as bytes. RFC 4511.
import { boolean, element, integer, octets, sequence } from './ber.ts';
import { filterBytes } from './filter-text.ts';

export type SearchOptions = {
  readonly base?: string;
  readonly scope?: 'base' | 'one' | 'subtree';
  readonly sizeLimit?: number;
  readonly timeLimit?: number;
  readonly typesOnly?: boolean;
  /** As text, or as bytes of one's own. */
  readonly filter?: string | Buffer;
  readonly attributes?: readonly string[];
};

/** The operation of a search. RFC 4511 §4.5.1. */
export function search(options: SearchOptions): Buffer {
  const asked = options.filter ?? '(objectClass=*)';
  return element(0x63, [
    octets(options.base ?? ''),
    integer(['base', 'one', 'subtree'].indexOf(options.scope ?? 'base'), 0x0a),
    integer(0, 0x0a),
    integer(options.sizeLimit ?? 0),
    integer(options.timeLimit ?? 0),
    boolean(options.typesOnly ?? false),
    typeof asked === 'string' ? filterBytes(asked) : asked,
    sequence(...(options.attributes ?? []).map((name) => octets(name))),
  ]);
}

/** The operation of a bind by password. RFC 4511 §4.2. */
export function bind(name: string, password: string | Buffer, version = 3): Buffer {
  return element(0x60, [integer(version), octets(name), octets(password, 0x80)]);
}

/** An extended operation without a value. RFC 4511 §4.12. */
export function extended(oid: string): Buffer {
  return element(0x77, [octets(oid, 0x80)]);
}

/** Gives a request up. RFC 4511 §4.11. */
export function abandon(messageId: number): Buffer {
  return integer(messageId, 0x50);
}

/** A control. RFC 4511 §4.1.11. */
export function control(oid: string, isCritical: boolean, value?: Buffer): Buffer {
  return sequence(octets(oid), boolean(isCritical), ...(value ? [octets(value)] : []));
}

/** The control of pages. RFC 2696. */
export function page(size: number, cookie: Buffer = Buffer.alloc(0), isCritical = true): Buffer {
  return control('1.2.840.113556.1.4.319', isCritical, sequence(integer(size), octets(cookie)));
}

/** A whole message. RFC 4511 §4.1.1. */
export function message(messageId: number, operation: Buffer, controls: readonly Buffer[] = []): Buffer {
  return sequence(integer(messageId), operation, ...(controls.length > 0 ? [element(0xa0, controls)] : []));
}
