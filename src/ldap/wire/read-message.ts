// A request, from the bytes of one message. RFC 4511 §4.1.1 and each operation's own section.
import { Ber, type Filter, ProtocolOperation } from 'ldapts';
import { BerElements, readText } from './ber-elements.ts';
import { answerTag } from './protocol.ts';
import { LdapProtocolError } from './protocol-error.ts';
import { readFilter } from './read-filter.ts';

/** A control of a request. RFC 4511 §4.1.11. */
export type RequestControl = { readonly oid: string; readonly isCritical: boolean; readonly value?: Buffer };

/** A search, as asked. RFC 4511 §4.5.1. */
export type SearchRequest = {
  readonly is: 'search';
  readonly base: string;
  readonly scope: 'base' | 'one' | 'subtree';
  /** 0: none of the client's own. */
  readonly sizeLimit: number;
  /** 0: none of the client's own. */
  readonly timeLimitSeconds: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  /** As they were written. */
  readonly attributes: readonly string[];
};

/** A bind, as asked: a password, or a mechanism of SASL. RFC 4511 §4.2. */
export type BindRequest = {
  readonly is: 'bind';
  readonly version: number;
  readonly name: string;
  readonly credential: { readonly by: 'password'; readonly password: string } | { readonly by: 'sasl'; readonly mechanism: string };
};

/** What a client may ask. `foreign`: an operation that we know how to refuse and nothing else. */
export type LdapOperation =
  | BindRequest
  | SearchRequest
  | { readonly is: 'unbind' }
  | { readonly is: 'abandon'; readonly messageId: number }
  | { readonly is: 'extended'; readonly oid: string }
  | { readonly is: 'foreign' };

/** A message whose envelope could be read: enough to answer it. */
export type Envelope = {
  readonly messageId: number;
  /** What the answer begins with; undefined for what is never answered. */
  readonly answerTag: number | undefined;
  readonly tag: number;
  readonly content: Buffer;
  readonly controls: Buffer | undefined;
};

/** A request, whole. */
export type LdapRequest = { readonly operation: LdapOperation; readonly controls: readonly RequestControl[] };

const maxInt = 2_147_483_647;
const scopes = ['base', 'one', 'subtree'] as const;
/** Names of attributes asked for, and controls: more have no use. */
const maxListed = 500;

const answers: ReadonlyMap<number, number | undefined> = new Map([
  [ProtocolOperation.LDAP_REQ_BIND, answerTag.bind],
  [ProtocolOperation.LDAP_REQ_UNBIND, undefined],
  [ProtocolOperation.LDAP_REQ_SEARCH, answerTag.search],
  [ProtocolOperation.LDAP_REQ_MODIFY, answerTag.modify],
  [ProtocolOperation.LDAP_REQ_ADD, answerTag.add],
  [ProtocolOperation.LDAP_REQ_DELETE, answerTag.delete],
  [ProtocolOperation.LDAP_REQ_MODRDN, answerTag.rename],
  [ProtocolOperation.LDAP_REQ_COMPARE, answerTag.compare],
  [ProtocolOperation.LDAP_REQ_ABANDON, undefined],
  [ProtocolOperation.LDAP_REQ_EXTENSION, answerTag.extended],
]);

/** Reads who is to be answered, and with what. Throws a fatal LdapProtocolError: without an envelope there is nobody to answer. */
export function readEnvelope(message: Buffer): Envelope {
  try {
    const whole = new BerElements(message);
    const elements = whole.inside();
    whole.end();
    const messageId = elements.integer(0, maxInt);
    const { tag, content } = elements.next();
    const controls = elements.isAtEnd ? undefined : elements.octets(ProtocolOperation.LDAP_CONTROLS);
    elements.end();
    if (!answers.has(tag)) throw new LdapProtocolError('No such operation');
    // 0 is for what a server says unasked. RFC 4511 §4.1.1.1.
    if (messageId === 0) throw new LdapProtocolError('A request has a number of its own');
    return { messageId, answerTag: answers.get(tag), tag, content, controls };
  } catch (error) {
    if (error instanceof LdapProtocolError) throw new LdapProtocolError(error.message, true);
    throw error;
  }
}

/** Reads what is asked. Throws LdapProtocolError, to be answered and survived. */
export function readRequest({ tag, content, controls }: Envelope): LdapRequest {
  return { operation: readOperation(tag, content), controls: controls ? readControls(controls) : [] };
}

function readOperation(tag: number, content: Buffer): LdapOperation {
  switch (tag) {
    case ProtocolOperation.LDAP_REQ_BIND:
      return readBind(new BerElements(content));
    case ProtocolOperation.LDAP_REQ_SEARCH:
      return readSearch(new BerElements(content));
    case ProtocolOperation.LDAP_REQ_UNBIND:
      return { is: 'unbind' };
    case ProtocolOperation.LDAP_REQ_ABANDON:
      return { is: 'abandon', messageId: readNumber(content) };
    case ProtocolOperation.LDAP_REQ_EXTENSION:
      return { is: 'extended', oid: new BerElements(content).text(0x80) };
    default:
      return { is: 'foreign' };
  }
}

function readBind(elements: BerElements): BindRequest {
  const version = elements.integer(1, 127);
  const name = elements.text();
  const { tag, content } = elements.next();
  elements.end();
  if (tag === Ber.Context) {
    // A password that is not UTF-8 is nobody's, and a NUL is in none.
    return { is: 'bind', version, name, credential: { by: 'password', password: readText(content) ?? '\0' } };
  }
  if (tag !== ProtocolOperation.LDAP_REQ_BIND_SASL) throw new LdapProtocolError('A bind is by password or by SASL');
  return { is: 'bind', version, name, credential: { by: 'sasl', mechanism: new BerElements(content).text() } };
}

function readSearch(elements: BerElements): SearchRequest {
  const base = elements.text();
  const scope = scopes[elements.integer(0, scopes.length - 1, Ber.Enumeration)] ?? 'base';
  // Aliases: the tree has none, so however they are followed the answer is the same.
  elements.integer(0, 3, Ber.Enumeration);
  const sizeLimit = elements.integer(0, maxInt);
  const timeLimitSeconds = elements.integer(0, maxInt);
  const typesOnly = elements.boolean();
  const filter = readFilter(elements.next());
  const attributes = readList(elements.inside(), (names) => names.text());
  elements.end();
  return { is: 'search', base, scope, sizeLimit, timeLimitSeconds, typesOnly, filter, attributes };
}

function readControls(content: Buffer): RequestControl[] {
  return readList(new BerElements(content), (controls) => {
    const elements = controls.inside();
    const oid = elements.text();
    const isCritical = elements.nextTag === Ber.Boolean && elements.boolean();
    const value = elements.isAtEnd ? undefined : elements.octets();
    elements.end();
    return { oid, isCritical, ...(value && { value }) };
  });
}

function readList<Item>(elements: BerElements, read: (elements: BerElements) => Item): Item[] {
  const items: Item[] = [];
  while (!elements.isAtEnd) {
    if (items.length === maxListed) throw new LdapProtocolError(`A list has at most ${maxListed} items`);
    items.push(read(elements));
  }
  return items;
}

/** A number whose tag is the operation's own. */
function readNumber(content: Buffer): number {
  if (content.length === 0 || content.length > 4) throw new LdapProtocolError('A number has one to four bytes');
  return content.readIntBE(0, content.length);
}
