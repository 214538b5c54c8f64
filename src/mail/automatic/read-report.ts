// Reads the machine part of strangers' reports and receipts: what became of a letter of ours. RFC 3464 §2 and RFC 8098 §3.
// Requirements 44 and 46. Broken input gives what can be recognised; every value is bounded and one line; nothing here throws.
import { type Address, parseAddress } from '../../core/address.ts';
import { type Headers, parseHeaders } from '../headers.ts';
import type { MimePart } from '../mime-part.ts';
import { oneLine } from '../one-line.ts';
import { messageIdIn } from './letter.ts';
import type { ReportKind } from './recognise.ts';

/** What a delivery report says of one recipient. */
export type DeliveryStatus = {
  readonly final?: Address;
  /** ORCPT given back: `rfc822;name@domain`. */
  readonly original?: string;
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** `5.1.1`; made of the action when the report gave none that can be read. */
  readonly status: string;
};

/** A delivery report: at least one recipient. */
export type DeliveryReport = { readonly envelopeId?: string; readonly recipients: readonly DeliveryStatus[] };

/** What receivers' programs say when they could not file a document: version, author, patient, INS… 906 is anything else. */
export type IntegrationErrorCode = 900 | 901 | 902 | 903 | 904 | 905 | 906;

/** A receipt. */
export type Disposition = {
  readonly originalMessageId?: string;
  readonly finalRecipient?: Address;
  readonly originalRecipient?: string;
  readonly type: 'displayed' | 'processed' | 'deleted' | 'dispatched' | 'denied' | 'failed';
  readonly isError: boolean;
  readonly errorCode?: IntegrationErrorCode;
  /** The error in the other program's words: may name a patient, never for a log. */
  readonly error?: string;
};

/** Bytes of a report's machine part that are read; a caller need not gather more. */
export const maxReportBytes = 256 * 1024;

const quotedSubtypes = new Set(['rfc822', 'global', 'global-headers']);
/** The letter's own fields and those of a thousand recipients. */
const maxGroups = 1001;
const maxValue = 500;
const statusByAction = { failed: '5.0.0', delayed: '4.0.0', delivered: '2.0.0', relayed: '2.0.0', expanded: '2.0.0' } as const;
const deliveryActions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;
const dispositionTypes = ['displayed', 'processed', 'deleted', 'dispatched', 'denied', 'failed'] as const;
const dispositionShape = /^(?:[^;]*;)?\s*([a-z]+)\s*(?:\/\s*(.*))?/is;

/** Reads the body of a message/delivery-status part, its transfer encoding undone; undefined when it speaks of no recipient. */
export function readDeliveryStatus(body: Buffer): DeliveryReport | undefined {
  const groups = fieldGroups(body);
  const recipients = groups.map(recipientStatus).filter((status) => status !== undefined);
  if (recipients.length === 0) return undefined;
  const envelopeId = groups.map((group) => lineOf(group, 'original-envelope-id')).find((value) => value !== undefined);
  return { ...present('envelopeId', envelopeId), recipients };
}

/** Reads the body of a message/disposition-notification part, its transfer encoding undone; undefined when it is none. */
export function readDisposition(body: Buffer): Disposition | undefined {
  const fields = fieldGroups(body).find((group) => group.get('disposition') !== undefined);
  // RFC 8098 §3.2.6: `mode/mode; type/modifier,modifier`, and the old `processed/Error: 902^…` whose text is in the modifier.
  const [, typeName = '', modifiers = ''] = dispositionShape.exec(fields ? (lineOf(fields, 'disposition') ?? '') : '') ?? [];
  const type = dispositionTypes.find((known) => known === typeName.toLowerCase());
  if (!fields || !type) return undefined;
  const error = lineOf(fields, 'error') ?? /(?:^|,)\s*error\s*:\s*(.*)$/i.exec(modifiers)?.[1];
  const code = /^[\s[(]*(90[0-6])(?!\d)/.exec(error ?? '')?.[1];
  return {
    ...present('originalMessageId', messageIdIn(fields.get('original-message-id'))),
    ...present('finalRecipient', addressIn(fields, 'final-recipient')),
    ...present('originalRecipient', lineOf(fields, 'original-recipient')),
    type,
    isError: error !== undefined || /(?:^|,)\s*error\b/i.test(modifiers),
    ...present('errorCode', code === undefined ? undefined : (Number(code) as IntegrationErrorCode)),
    ...present('error', error || undefined),
  };
}

/** Reads the Message-ID of the original, its angle brackets included, in the body of the part findQuotedPart() found. */
export function readQuotedMessageId(body: Buffer): string | undefined {
  return messageIdIn(parseHeaders(body.subarray(0, maxReportBytes)).get('message-id'));
}

/** The part that holds the fields of a report; never one inside a letter that is quoted or forwarded. */
export function findReportPart(part: MimePart, kind: ReportKind): MimePart | undefined {
  return findPart(part, ({ type, subtype }) => type === 'message' && withoutGlobal(subtype) === kind);
}

/** The part that gives back the letter a report speaks of, or its header: its body begins with that header. RFC 6522 §3 and §4. */
export function findQuotedPart(part: MimePart): MimePart | undefined {
  return findPart(
    part,
    ({ type, subtype }) => `${type}/${subtype}` === 'text/rfc822-headers' || (type === 'message' && quotedSubtypes.has(subtype)),
  );
}

function findPart(part: MimePart, isWanted: (part: MimePart) => boolean): MimePart | undefined {
  if (isWanted(part)) return part;
  for (const child of part.children ?? []) {
    const found = findPart(child, isWanted);
    if (found) return found;
  }
  return undefined;
}

/** RFC 6533 §3 and §4: the same parts, with addresses and headers in UTF-8. */
function withoutGlobal(subtype: string): string {
  return subtype.replace(/^global-/, '');
}

function recipientStatus(fields: Headers): DeliveryStatus | undefined {
  const actionName = /^[a-z]+/i.exec(lineOf(fields, 'action') ?? '')?.[0].toLowerCase();
  const action = deliveryActions.find((known) => known === actionName);
  if (!action) return undefined;
  const status = /^[245]\.\d{1,3}\.\d{1,3}(?!\d)/.exec(lineOf(fields, 'status') ?? '')?.[0];
  return {
    ...present('final', addressIn(fields, 'final-recipient')),
    ...present('original', lineOf(fields, 'original-recipient')),
    action,
    status: status ?? statusByAction[action],
  };
}

/** Blocks of fields, parted by blank lines (RFC 3464 §2.1). Each can be read by name. */
function fieldGroups(body: Buffer): Headers[] {
  const text = body.toString('latin1', 0, maxReportBytes);
  return text.split(/\n(?:[ \t]*\r?\n)+/, maxGroups).map((group) => parseHeaders(Buffer.from(group.trimStart(), 'latin1')));
}

/** The field's value as one bounded line; undefined when it is missing or empty. */
function lineOf(fields: Headers, name: string): string | undefined {
  return oneLine(fields.get(name) ?? '', maxValue) || undefined;
}

/** The address of `rfc822; <name@domain>`, with or without its type and brackets. */
function addressIn(fields: Headers, name: string): Address | undefined {
  const value = (lineOf(fields, name) ?? '').replace(/^[a-z0-9-]+\s*;/i, '').trim();
  return parseAddress(/^<(.*)>$/.exec(value)?.[1] ?? value);
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}
