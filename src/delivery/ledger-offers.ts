// While a letter is being offered to the next hop, nobody tells its sender that it was not delivered; and once the sender has been told,
// it is offered no more. Both look at the letter's lines, under their locks: whoever comes first is right. Requirement 46.
import { sql } from 'kysely';
import type { Address } from '../core/address.ts';
import type { Db, Trx } from '../database/tables.ts';

/**
 * Says that these recipients of a letter are being offered it, until `until` at the latest: past that instant the process that offered
 * it is taken to be dead. Returns those who must not be offered it any more, because their deadline has passed and the sender was told.
 */
export async function beginOffer(db: Db, letterId: string, recipients: readonly Address[], until: Date): Promise<ReadonlySet<Address>> {
  const { rows } = await sql<{ recipient: Address }>`
    with locked as materialized (
      select recipient, expired_at from ledger where letter_id = ${letterId} and recipient = any(${recipients}::text[])
      order by recipient for update),
    offered as (
      update ledger l set offered_until = ${until} from locked
      where l.letter_id = ${letterId} and l.recipient = locked.recipient and locked.expired_at is null)
    select recipient from locked where expired_at is not null`.execute(db);
  return new Set(rows.map((row) => row.recipient));
}

/** The offer has ended, in the transaction that writes what came of it. */
export async function endOffer(trx: Trx, letterId: string, recipients: readonly Address[]): Promise<void> {
  await sql`
    with locked as materialized (
      select recipient from ledger where letter_id = ${letterId} and recipient = any(${recipients}::text[]) order by recipient for update)
    update ledger l set offered_until = null from locked where l.letter_id = ${letterId} and l.recipient = locked.recipient`.execute(trx);
}
