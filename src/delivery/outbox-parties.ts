// Whom a row of the outbox is about, for a person who decides about it: addresses and nothing else of what it carries.
// Kinds differ in their payloads but name people alike; a kind that names them otherwise shows nobody.
import { z } from 'zod';
import type { Address } from '../core/address.ts';
import type { Db } from '../database/tables.ts';
import { addressKind } from './payload-kinds.ts';
import { heldLetterPayload, heldLetterRowKind } from './quarantine.ts';

/** Addresses, each once. */
export type Parties = { readonly senders: readonly Address[]; readonly recipients: readonly Address[] };

const onePerson = addressKind.nullish().catch(undefined);

const people = z.object({
  sender: onePerson,
  from: onePerson,
  mailboxAddress: onePerson,
  correspondent: onePerson,
  testAddress: onePerson,
  to: onePerson,
  recipients: z.array(z.object({ address: addressKind })).catch([]),
});

/** In whose name the row acts, and whom it would reach; nobody when the row is gone. */
export async function readParties(db: Db, id: string): Promise<Parties> {
  const row = await db.selectFrom('outbox').select(['kind', 'payload']).where('id', '=', id).executeTakeFirst();
  if (row?.kind === heldLetterRowKind) return heldParties(db, row.payload);
  const { data } = people.safeParse(row?.payload);
  if (!data) return { senders: [], recipients: [] };
  const { sender, from, mailboxAddress, correspondent, testAddress, to, recipients } = data;
  return {
    senders: distinct([sender, from, mailboxAddress, correspondent, testAddress]),
    // A report names the recipients it speaks of, and goes to its reader alone.
    recipients: distinct(to ? [to] : recipients.map(({ address }) => address)),
  };
}

async function heldParties(db: Db, payload: unknown): Promise<Parties> {
  const { data } = heldLetterPayload.safeParse(payload);
  const held =
    data && (await db.selectFrom('quarantine').select(['sender', 'recipient']).where('held_id', '=', data.heldId).executeTakeFirst());
  return { senders: distinct([held?.sender]), recipients: distinct([held?.recipient]) };
}

function distinct(addresses: readonly (Address | null | undefined)[]): Address[] {
  return [...new Set(addresses.filter((address) => address !== null && address !== undefined))];
}
