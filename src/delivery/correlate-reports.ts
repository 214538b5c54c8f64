// Reports and receipts that arrive are matched with the letters they speak of, and move the ledger forward. Requirements 44, 46.
// Anyone can write a report: it counts only when it reaches the one who wrote that letter, under the letter's own name (ENVID or
// Message-ID), and a receipt only when it comes From the recipient it speaks for.
import { sql } from 'kysely';
import { type Address, parseAddress } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { advanceCourse, type CourseStep } from './ledger.ts';
import type { CourseState } from './schema.ts';

/** A report that has just been placed in its reader's mailbox. */
export type ReportReceived = {
  readonly reader: Address;
  /** The only address in its From field. */
  readonly from: Address | undefined;
  readonly report:
    | {
        readonly kind: 'delivery-status';
        readonly reading: DeliveryStatusFacts;
        /** Message-ID in the headers it returns, with its angle brackets: for senders who gave no ENVID. */
        readonly messageId?: string;
      }
    | { readonly kind: 'disposition-notification'; readonly reading: DispositionFacts };
};

/** What is needed of a delivery status, RFC 3464. */
export type DeliveryStatusFacts = {
  readonly envelopeId?: string;
  readonly recipients: readonly {
    readonly final?: Address;
    readonly original?: string;
    readonly action: string;
    readonly status: string;
  }[];
};

/** What is needed of a receipt, RFC 8098. */
export type DispositionFacts = {
  readonly originalMessageId?: string;
  readonly finalRecipient?: Address;
  readonly originalRecipient?: string;
  readonly type: string;
  readonly isError: boolean;
  readonly errorCode?: number;
};

/** What one report says of one recipient, before it is known whether there is such a letter. */
type Claim = {
  readonly reader: Address;
  readonly envelopeId: string | undefined;
  readonly messageId: string | undefined;
  readonly recipient: Address;
  readonly state: CourseState;
  readonly status?: string;
  readonly integrationError?: number;
};

const stateOfAction: Readonly<Record<string, CourseState>> = {
  failed: 'refused',
  delivered: 'delivered',
  relayed: 'relayed',
  expanded: 'relayed',
};

/** Moves the ledger forward by what these reports say. Those that speak of no letter of their reader change nothing. */
export async function recordReports(trx: Trx, reports: readonly ReportReceived[], now: Date): Promise<void> {
  const claims = reports.flatMap(claimsOf);
  if (claims.length === 0) return;
  const { rows } = await sql<{ at: number; letter_id: string; has_left: boolean }>`
    with told as (
      select * from unnest(
        ${claims.map((_, at) => at)}::integer[], ${claims.map(({ reader }) => reader)}::text[],
        ${claims.map(({ recipient }) => recipient)}::text[], ${claims.map(({ envelopeId }) => keepable(envelopeId))}::text[],
        ${claims.map(({ messageId }) => keepable(messageId))}::text[]) as t (at, reader, recipient, envelope_id, message_id))
    select t.at, l.letter_id, l.relayed_at is not null as has_left from told t join ledger l
      on l.envelope_id = t.envelope_id and l.sender = t.reader and l.recipient = t.recipient
    union
    select t.at, l.letter_id, l.relayed_at is not null as has_left from told t join ledger l
      on l.message_id = t.message_id and l.sender = t.reader and l.recipient = t.recipient`.execute(trx);
  const steps = rows.flatMap(({ at, letter_id: letterId, has_left }): CourseStep[] => {
    const claim = claims[at];
    // That a letter was passed on further says nothing while it is still here to be sent.
    if (!claim || (claim.state === 'relayed' && !has_left)) return [];
    const { recipient, state, status, integrationError } = claim;
    return [
      {
        letterId,
        recipient,
        state,
        at: now,
        ...(status !== undefined && { status }),
        ...(integrationError !== undefined && { integrationError }),
      },
    ];
  });
  await advanceCourse(trx, steps);
}

function claimsOf({ reader, from, report }: ReportReceived): Claim[] {
  if (report.kind === 'delivery-status') {
    const { envelopeId, recipients } = report.reading;
    return recipients.flatMap(({ final, original, action, status }) => {
      const state = stateOfAction[action.toLowerCase()];
      // Either may be the address the sender wrote: the other is what it became on the way.
      const named = [...new Set([final, addressIn(original)])].filter((address) => address !== undefined);
      return state ? named.map((recipient) => ({ reader, envelopeId, messageId: report.messageId, recipient, state, status })) : [];
    });
  }
  const { originalMessageId, finalRecipient, originalRecipient, type, isError, errorCode } = report.reading;
  const speaksFor = [finalRecipient, addressIn(originalRecipient)];
  if (!from || !speaksFor.includes(from) || originalMessageId === undefined) return [];
  // Anything but « displayed » proves no more than that the letter came to the recipient's software.
  const state = type === 'displayed' && !isError ? 'read' : 'delivered';
  const claim = { reader, envelopeId: undefined, messageId: originalMessageId, recipient: from, state } as const;
  return [{ ...claim, ...(errorCode !== undefined && { integrationError: errorCode }) }];
}

/** A name that the ledger could hold: PostgreSQL keeps no NUL, so no letter has such a name. */
function keepable(name: string | undefined): string | null {
  return name === undefined || name.includes('\0') ? null : name;
}

/** The address in `rfc822;name@domain`. RFC 3464 §2.3.1. */
function addressIn(typed: string | undefined): Address | undefined {
  return typed === undefined ? undefined : parseAddress(typed.slice(typed.indexOf(';') + 1));
}
