// The register of documents: one row per unique id, whatever the letters that bring it. Requirements 49, 52 and 54.
// A document that the record holds stays so; every other state gives way to what is tried next, by this letter or by another.
import { sql } from 'kysely';
import type { Db, Trx } from '../database/tables.ts';
import type { DocumentEntry } from './document-entry.ts';
import type { CopyAnswer, CopyState } from './schema.ts';

/** A document that a letter brings, and what is to become of its copy. */
export type BroughtDocument = {
  readonly uniqueId: string;
  /** The arrival's id. */
  readonly letterId: string;
  /** Counted from 1, in the order of the letter. */
  readonly place: number;
  /** The patient, when they are known here. */
  readonly citizenId: number | undefined;
  /** Why there will be no copy; absent: one is owed. */
  readonly leftOut?: string;
};

/** How a copy ended. */
export type CopyEnd =
  | {
      readonly do: 'fed';
      readonly entry: DocumentEntry;
      readonly entryUuid: string | undefined;
      /** The entry is kept until the document is shown. */
      readonly isHidden: boolean;
      /** SHA-1 of its bytes. */
      readonly sha1: Buffer;
      /** Its patient, when they are known here. */
      readonly citizenId: number | undefined;
      /** Unique id of the document whose place it took. */
      readonly replaces?: string;
    }
  | { readonly do: 'refused' | 'not-fed'; readonly code: string };

/** A document as a copy's next step needs it. */
export type KnownDocument = {
  readonly state: CopyState;
  readonly entryUuid: string | undefined;
  /** Of what was fed. */
  readonly sha1: Buffer | undefined;
};

/** A copy as people are told of it. */
export type Copy = {
  readonly letterId: string;
  readonly uniqueId: string;
  readonly place: number;
  readonly state: CopyState;
  readonly code: string | null;
  readonly knownAt: Date;
  readonly fedAt: Date | null;
  readonly answers: readonly CopyAnswer[];
};

/** Longest unique id that is kept; XDS itself ends at 128 characters. */
const maxUniqueId = 200;

const keptAnswers = 20;

/** True for an id that can be the register's key: printable ASCII of a bounded length. */
export function isUniqueId(text: string): boolean {
  return text.length <= maxUniqueId && /^[\x21-\x7e]+$/.test(text);
}

/**
 * Remembers what letters bring, in one statement. Returns the letters and documents that are owed an attempt: not what the same letter has
 * brought before. What was refused or left out is tried anew when another letter brings it; of what the record holds, somebody must see
 * whether the letter brings the same.
 */
export async function registerDocuments(
  trx: Trx,
  brought: readonly BroughtDocument[],
  now: Date,
): Promise<Pick<BroughtDocument, 'letterId' | 'uniqueId'>[]> {
  if (brought.length === 0) return [];
  const { rows } = await sql<{ letter_id: string; unique_id: string }>`
    with told as (
      select * from unnest(
        ${brought.map((one) => one.letterId)}::uuid[], ${brought.map((one) => one.uniqueId)}::text[],
        ${brought.map((one) => one.place)}::smallint[], ${brought.map((one) => one.citizenId ?? null)}::bigint[],
        ${brought.map((one) => one.leftOut ?? null)}::text[]) as t (letter_id, unique_id, place, citizen_id, code)),
    linked as (
      insert into record_document_letters (letter_id, unique_id, place)
      select letter_id, unique_id, min(place) from told group by letter_id, unique_id order by letter_id, unique_id
      on conflict do nothing returning letter_id, unique_id),
    fresh as (select distinct on (unique_id) told.* from told join linked using (letter_id, unique_id) order by unique_id, code nulls first),
    written as (
      insert into record_documents as d (unique_id, state, code, citizen_id, known_at)
      select unique_id, case when code is null then 'waiting' else 'not-fed' end, code, citizen_id, ${now}::timestamptz
      from fresh order by unique_id
      on conflict (unique_id) do update
        set state = excluded.state, code = excluded.code, citizen_id = coalesce(excluded.citizen_id, d.citizen_id)
        where d.state in ('refused', 'not-fed'))
    select distinct letter_id, unique_id from linked join told using (letter_id, unique_id)
    where told.code is null order by letter_id, unique_id`.execute(trx);
  return rows.map((row) => ({ letterId: row.letter_id, uniqueId: row.unique_id }));
}

/** Undefined for a document that no letter has brought, or that has been forgotten. */
export async function readDocument(db: Db, uniqueId: string): Promise<KnownDocument | undefined> {
  const row = await db
    .selectFrom('record_documents')
    .select(['state', 'entry_uuid', 'sha1'])
    .where('unique_id', '=', uniqueId)
    .executeTakeFirst();
  return row && { state: row.state, entryUuid: row.entry_uuid ?? undefined, sha1: row.sha1 ?? undefined };
}

/** The unique id of the document that has this name in the registry; undefined when it is none that we fed. */
export async function findByEntry(db: Db, entryUuid: string): Promise<string | undefined> {
  const row = await db.selectFrom('record_documents').select('unique_id').where('entry_uuid', '=', entryUuid).executeTakeFirst();
  return row?.unique_id;
}

/** Writes how a copy ended. False, and nothing written, when the record held the document already. */
export async function closeDocument(trx: Trx, uniqueId: string, end: CopyEnd, now: Date): Promise<boolean> {
  const isFed = end.do === 'fed';
  const { numAffectedRows } = await sql`
    update record_documents set state = ${end.do}, code = ${isFed ? null : end.code}, fed_at = ${isFed ? now : null}::timestamptz,
      entry_uuid = ${isFed ? (end.entryUuid ?? null) : null}, entry = ${isFed && end.isHidden ? JSON.stringify(end.entry) : null}::jsonb,
      sha1 = ${isFed ? end.sha1 : null}::bytea, citizen_id = ${isFed ? sql`${end.citizenId ?? null}::bigint` : sql`citizen_id`},
      answers = ${withAnswer(isFed ? 'fed' : end.code, now)}
    where unique_id = ${uniqueId} and state <> 'fed'`.execute(trx);
  if (numAffectedRows !== 1n) return false;
  if (isFed && end.replaces !== undefined) {
    await trx.updateTable('record_documents').set({ replaced_by: uniqueId }).where('unique_id', '=', end.replaces).execute();
  }
  return true;
}

/** Remembers of a letter that the record holds another document under this id; null: it does not, or no longer. */
export async function noteOther(trx: Trx, letterId: string, uniqueId: string, code: string | null): Promise<void> {
  await sql`
    update record_document_letters set code = ${code}
    where letter_id = ${letterId} and unique_id = ${uniqueId} and code is distinct from ${code}`.execute(trx);
}

/** Remembers what was answered to an attempt that does not change the document's state. `code` says what. */
export async function noteAnswer(trx: Trx, uniqueId: string, code: string, now: Date): Promise<void> {
  await sql`update record_documents set answers = ${withAnswer(code, now)} where unique_id = ${uniqueId}`.execute(trx);
}

/** What became of the copies of these letters' documents, in the order of the letters and of the documents in them. */
export async function courseOfCopies(db: Db, letterIds: readonly string[]): Promise<Copy[]> {
  if (letterIds.length === 0) return [];
  const rows = await db
    .selectFrom('record_document_letters as l')
    .innerJoin('record_documents as d', 'd.unique_id', 'l.unique_id')
    .select(['l.letter_id as letterId', 'l.unique_id as uniqueId', 'l.place', 'l.code as otherCode', 'd.state', 'd.code'])
    .select(['d.known_at as knownAt', 'd.fed_at as fedAt', 'd.answers'])
    .where('l.letter_id', 'in', letterIds)
    .orderBy('l.letter_id')
    .orderBy('l.place')
    .execute();
  return rows.map(asCopy);
}

/** The documents in these states, the latest first, each with the letter that brought it last, or that brought another under its id. */
export async function listCopies(db: Db, states: readonly CopyState[], limit: number): Promise<Copy[]> {
  const columns = sql`
    l.letter_id as "letterId", d.unique_id as "uniqueId", l.place, l.code as "otherCode", d.state, d.code, d.known_at as "knownAt",
    d.fed_at as "fedAt", d.answers`;
  const { rows } = await sql<Copy & { otherCode: string | null }>`
    (select ${columns} from record_documents d join lateral (
        select letter_id, place, code from record_document_letters
        where unique_id = d.unique_id and code is null order by letter_id desc limit 1) l on true
      where d.state = any(${states}::text[]) order by d.known_at desc, d.unique_id limit ${limit})
    union all
    (select ${columns} from record_documents d join record_document_letters l using (unique_id)
      where l.code is not null and 'refused' = any(${states}::text[]) order by d.known_at desc, d.unique_id, l.letter_id limit ${limit})
    order by "knownAt" desc, "uniqueId", "letterId" limit ${limit}`.execute(db);
  return rows.map(asCopy);
}

/** Of a letter that brought another document under the id, the copy was refused, whatever became of the one that the record holds. */
function asCopy({ otherCode, ...copy }: Copy & { readonly otherCode: string | null }): Copy {
  return otherCode === null ? copy : { ...copy, state: 'refused', code: otherCode, fedAt: null };
}

/** Forgets up to `limit` documents first seen before `before` that nothing is owed for. Returns how many. Fed again, the record knows them. */
export async function forgetDocuments(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from record_documents where unique_id in (
      select unique_id from record_documents where known_at < ${before} and state <> 'waiting' and entry is null
      limit ${limit} for update skip locked)`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** The history with one answer more, the oldest let go. */
function withAnswer(code: string, now: Date) {
  return sql`case when jsonb_array_length(answers) >= ${keptAnswers} then answers - 0 else answers end
    || jsonb_build_array(jsonb_build_object('at', ${now.toISOString()}::text, 'code', ${code}::text))`;
}
