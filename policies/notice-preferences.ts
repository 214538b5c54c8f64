// What a citizen wants to be told of at their ordinary e-mail address: that something waits for them here, and nothing else.
// Without an address nobody is told; an address that refused several notices in a row is left alone until it is given anew. Requirement 58.
import { sql } from 'kysely';
import { type Address, domainOf } from '../src/core/address.ts';
import type { Db, Trx } from '../src/database/tables.ts';
import type { NoticePreferencesTable } from './schema.ts';

/** What can be told: a letter waits; something new about documents in the record; a letter of theirs did not arrive. */
export const noticeKinds = ['letter', 'document', 'not-delivered'] as const;

/** One of them. */
export type NoticeKind = (typeof noticeKinds)[number];

/** A citizen's choice. */
export type NoticePreference = {
  readonly address: Address;
  /** Which kinds are told. None at all is a choice too: the address is kept. */
  readonly told: Readonly<Record<NoticeKind, boolean>>;
  /** The address has refused the last notices: nothing is written to it any more. */
  readonly isFailing: boolean;
};

/** Refusals in a row after which an address is left alone. */
const mostRefusals = 3;

const healthSpace = 'mssante.fr';

/**
 * True for an address outside the space of trust: a notice to a health mailbox would be a letter that owes another notice. `hosted`
 * are the domains kept here.
 */
export function isOrdinaryAddress(address: Address, hosted: readonly string[]): boolean {
  const domain = domainOf(address);
  return !hosted.includes(domain) && domain !== healthSpace && !domain.endsWith(`.${healthSpace}`);
}

/** A citizen's choice; undefined when they never gave an address. */
export async function readNoticePreference(db: Db, citizenId: number): Promise<NoticePreference | undefined> {
  const row = await db.selectFrom('notice_preferences').selectAll().where('citizen_id', '=', citizenId).executeTakeFirst();
  return (
    row && {
      address: row.address,
      told: { letter: row.letter, document: row.document, 'not-delivered': row.not_delivered },
      isFailing: row.refusals >= mostRefusals,
    }
  );
}

/**
 * Writes a choice over the one held. Kinds that are not said keep theirs, or are told when there was no choice. Refusals are forgotten:
 * whoever gives an address, even the same again, says that it works.
 */
export async function setNoticePreference(
  db: Db,
  citizenId: number,
  choice: { readonly address: Address; readonly told: Readonly<Partial<Record<NoticeKind, boolean>>> },
): Promise<void> {
  const { address, told } = choice;
  const said = [told.letter, told.document, told['not-delivered']].map((one) => one ?? null);
  const [letter = null, document = null, notDelivered = null] = said;
  await sql`
    insert into notice_preferences as held (citizen_id, address, letter, document, not_delivered)
    values (${citizenId}, ${address}, coalesce(${letter}::boolean, true), coalesce(${document}::boolean, true),
      coalesce(${notDelivered}::boolean, true))
    on conflict (citizen_id) do update set address = excluded.address, letter = coalesce(${letter}::boolean, held.letter),
      document = coalesce(${document}::boolean, held.document), not_delivered = coalesce(${notDelivered}::boolean, held.not_delivered),
      refusals = 0`.execute(db);
}

/** Forgets the address and the choice; false when there was none. */
export async function clearNoticePreference(db: Db, citizenId: number): Promise<boolean> {
  const gone = await db.deleteFrom('notice_preferences').where('citizen_id', '=', citizenId).executeTakeFirst();
  return gone.numDeletedRows === 1n;
}

/** Which of these citizens want to be told of what happened to them; each once. */
export async function whoWantsNotices(
  trx: Trx,
  events: readonly { readonly citizenId: number; readonly kind: NoticeKind }[],
): Promise<number[]> {
  const ofKind = (kind: NoticeKind) => events.flatMap((event) => (event.kind === kind ? [event.citizenId] : []));
  const { rows } = await sql<Pick<NoticePreferencesTable, 'citizen_id'>>`
    select citizen_id from notice_preferences
    where citizen_id = any(${events.map(({ citizenId }) => citizenId)}::bigint[]) and refusals < ${mostRefusals} and (
      letter and citizen_id = any(${ofKind('letter')}::bigint[])
      or document and citizen_id = any(${ofKind('document')}::bigint[])
      or not_delivered and citizen_id = any(${ofKind('not-delivered')}::bigint[]))`.execute(trx);
  return rows.map((row) => row.citizen_id);
}

/** The address took a notice, or its server refused it for good. Nothing happens when the citizen has given another address meanwhile. */
export async function recordNoticeAnswer(trx: Trx, citizenId: number, address: Address, answer: 'taken' | 'refused'): Promise<void> {
  await sql`
    update notice_preferences set refusals = ${answer === 'taken' ? sql`0` : sql`refusals + 1`}
    where citizen_id = ${citizenId} and address = ${address} ${answer === 'taken' ? sql`and refusals > 0` : sql``}`.execute(trx);
}
