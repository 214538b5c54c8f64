// A professional's absence: dates, a text, a stand-in, and who has been told. RFC 3834.
import { sql } from 'kysely';
import { type Address, localPart } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import type { AbsencesTable } from './schema.ts';

/** Someone is away from `from` until `until`, which is the first moment back. */
export type Absence = {
  readonly address: Address;
  readonly from: Date;
  readonly until: Date;
  /** Plain text in the professional's own words. */
  readonly text: string;
  /** Whom to write to meanwhile. */
  readonly standIn?: Address;
};

/** What decides whether a letter that was placed deserves an answer from an absent recipient. */
export type AbsenceFacts = {
  /** The return path, where the answer would go. */
  readonly sender: Address | null;
  readonly recipient: Address;
  /** Written by software: lists, reports, receipts, other absences. */
  readonly isAutomatic: boolean;
  /** The recipient stands in To or Cc: a letter sent to a whole list by Bcc is answered by nobody. */
  readonly isNamed: boolean;
};

/** Whether to answer. RFC 3834 §2; that nobody is answered twice is for rememberAbsenceAnswers(). */
export function absenceAnswers({ sender, recipient, isAutomatic, isNamed }: AbsenceFacts): boolean {
  return sender !== null && sender !== recipient && !isAutomatic && isNamed && !readByNobody.test(localPart(sender));
}

// The names that mailing software gives itself. RFC 3834 §2.
const readByNobody = /^(?:owner-.+|.+-request|mailer-daemon)$/;

const hourMs = 3_600_000;

/**
 * A program that answers every letter, each time under another name, would be told of an absence without end: names are invented freely,
 * domains are not. RFC 3834 §2, requirement 37. The letters of one group may pass it by their own number.
 */
const mostPerHourAndDomain = 30;

/** Writes an absence over the one held. Everyone may be told again: it is another answer. Throws RangeError when it ends before it begins. */
export async function setAbsence(db: Db, absence: Absence): Promise<void> {
  const { address, from, until, text, standIn } = absence;
  if (until <= from) throw new RangeError('An absence ends after it has begun');
  await sql`
    with told as (delete from absence_answers where address = ${address})
    insert into absences (address, from_at, until_at, text, stand_in) values (${address}, ${from}, ${until}, ${text}, ${standIn ?? null})
    on conflict (address) do update set
      from_at = excluded.from_at, until_at = excluded.until_at, text = excluded.text, stand_in = excluded.stand_in`.execute(db);
}

/** Ends an absence at once; false when there was none. */
export async function clearAbsence(db: Db, address: Address): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with told as (delete from absence_answers where address = ${address})
    delete from absences where address = ${address}`.execute(db);
  return numAffectedRows === 1n;
}

/** The absence an address has planned or is in; undefined when there is none. */
export async function readAbsence(db: Db, address: Address): Promise<Absence | undefined> {
  const row = await db.selectFrom('absences').selectAll().where('address', '=', address).executeTakeFirst();
  return row && absenceOf(row);
}

/** Who of these is away now. */
export async function currentAbsences(db: Db, addresses: readonly Address[], now: Date): Promise<Map<Address, Absence>> {
  if (addresses.length === 0) return new Map();
  const { rows } = await sql<AbsencesTable>`
    select * from absences where address = any(${addresses}::text[]) and from_at <= ${now} and until_at > ${now}`.execute(db);
  return new Map(rows.map((row) => [row.address, absenceOf(row)]));
}

function absenceOf(row: AbsencesTable): Absence {
  const { address, from_at: from, until_at: until, text, stand_in: standIn } = row;
  return { address, from, until, text, ...(standIn !== null && { standIn }) };
}

/**
 * Says of each letter, in order, whether to answer it now, and remembers that it was: nobody is told twice within `againAfterMs`, and
 * no domain more than so often an hour. Who is not told now is told of a later letter. Of two equal pairs in one call, the first is.
 * To be called in the transaction that owes the answer.
 */
export async function rememberAbsenceAnswers(
  trx: Trx,
  pairs: readonly { readonly address: Address; readonly correspondent: Address }[],
  now: Date,
  againAfterMs: number,
): Promise<boolean[]> {
  if (pairs.length === 0) return [];
  const hourAgo = new Date(now.getTime() - hourMs);
  const { rows } = await sql<{ address: Address; correspondent: Address }>`
    insert into absence_answers (address, correspondent, answered_at)
    select distinct address, correspondent, ${now}::timestamptz
    from unnest(${pairs.map((pair) => pair.address)}::text[], ${pairs.map((pair) => pair.correspondent)}::text[])
      as asked (address, correspondent)
    where (select count(*) from absence_answers told where told.address = asked.address and told.answered_at > ${hourAgo}
      and split_part(told.correspondent, '@', 2) = split_part(asked.correspondent, '@', 2)) < ${mostPerHourAndDomain}
    order by address, correspondent
    on conflict (address, correspondent) do update set answered_at = excluded.answered_at
    where absence_answers.answered_at <= ${new Date(now.getTime() - againAfterMs)}
    returning address, correspondent`.execute(trx);
  const owed = new Set(rows.map((row) => `${row.address} ${row.correspondent}`));
  return pairs.map((pair) => owed.delete(`${pair.address} ${pair.correspondent}`));
}
