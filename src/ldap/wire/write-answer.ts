// Answers, as bytes. RFC 4511 §4.1.9, §4.5.2, §4.12; RFC 2696 §2.
import { BerWriter, PagedResultsControl, ProtocolOperation } from 'ldapts';
import { answerTag, extensionOid, type ResultCode, resultCode } from './protocol.ts';

/** How an operation ended. `text` is shown to people: it is in French and names nobody. */
export type Result = { readonly code: ResultCode; readonly text?: string; readonly matchedDn?: string };

/** An attribute of an entry, as it is sent. */
export type SentAttribute = { readonly name: string; readonly values: readonly string[] };

/** What may follow a result. `nextPage`: the cookie of the page that follows, empty after the last. `extension`: an extended result's own. */
export type ResultExtras = {
  readonly nextPage?: Buffer;
  readonly extension?: { readonly oid?: string; readonly value?: string };
};

/** It went well, and there is nothing to say. */
export const success: Result = { code: resultCode.success };

/** One entry of a search. */
export function writeEntry(messageId: number, dn: string, attributes: readonly SentAttribute[]): Buffer {
  const writer = new BerWriter({ size: roomFor(dn, attributes) });
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(answerTag.entry);
  writer.writeString(dn);
  writer.startSequence();
  for (const { name, values } of attributes) {
    writer.startSequence();
    writer.writeString(name);
    writer.startSequence(ProtocolOperation.LBER_SET);
    for (const value of values) writer.writeString(value);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

/** The result that ends an operation. `tag` is what answers of its kind begin with. */
export function writeResult(messageId: number, tag: number, result: Result, extras: ResultExtras = {}): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(tag);
  writer.writeEnumeration(result.code);
  writer.writeString(result.matchedDn ?? '');
  writer.writeString(result.text ?? '');
  if (extras.extension?.oid !== undefined) writer.writeString(extras.extension.oid, 0x8a);
  if (extras.extension?.value !== undefined) writer.writeString(extras.extension.value, 0x8b);
  writer.endSequence();
  if (extras.nextPage) {
    writer.startSequence(ProtocolOperation.LDAP_CONTROLS);
    new PagedResultsControl({ value: { size: 0, cookie: extras.nextPage } }).write(writer);
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}

/** The last word before we hang up. RFC 4511 §4.4.1. */
export function writeNoticeOfDisconnection(result: Result): Buffer {
  return writeResult(0, answerTag.extended, result, { extension: { oid: extensionOid.noticeOfDisconnection } });
}

/**
 * Bytes enough for the entry and every header: ldapts' writer moves a sequence of more than 65,535 bytes by one without looking whether
 * there is room for it, and would cut its last byte.
 */
function roomFor(dn: string, attributes: readonly SentAttribute[]): number {
  const header = 8;
  const valuesBytes = (values: readonly string[]) => values.reduce((sum, value) => sum + Buffer.byteLength(value) + header, 0);
  const attributesBytes = attributes.reduce((sum, { name, values }) => sum + name.length + 3 * header + valuesBytes(values), 0);
  return Buffer.byteLength(dn) + 8 * header + attributesBytes;
}
