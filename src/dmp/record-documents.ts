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
      /** Unique id of the document whose place it took. */
      readonly replaces?: string;
    }
  | { readonly do: 'refused' | 'not-fed'; readonly code: string };

/** A document as a copy's next step needs it. */
export type KnownDocument = {
  readonly state: CopyState;
  readonly citizenId: number | undefined;
  readonly entryUuid: string | undefined;
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
 * Remembers what letters bring, in one statement. Returns the letters and documents whose copy is owed: not what the record holds, nor
 * what the same letter has brought before. A document that was refused or left out is owed again when another letter brings it.
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
        where d.state in ('refused', 'not-fed')
      returning unique_id, state)
    -- What this statement did not write was there: as it was, or, written by another transaction meanwhile, waiting.
    select distinct linked.letter_id, linked.unique_id
    from linked join told using (letter_id, unique_id) left join written using (unique_id)
      left join record_documents before using (unique_id)
    where told.code is null and coalesce(written.state, before.state, 'waiting') = 'waiting'
    order by linked.letter_id, linked.unique_id`.execute(trx);
  return rows.map((row) => ({ letterId: row.letter_id, uniqueId: row.unique_id }));
}

/** Undefined for a document that no letter has brought, or that has been forgotten. */
export async function readDocument(db: Db, uniqueId: string): Promise<KnownDocument | undefined> {
  const row = await db
    .selectFrom('record_documents')
    .select(['state', 'citizen_id', 'entry_uuid'])
    .where('unique_id', '=', uniqueId)
    .executeTakeFirst();
  return row && { state: row.state, citizenId: row.citizen_id ?? undefined, entryUuid: row.entry_uuid ?? undefined };
}

/** Writes how a copy ended. False, and nothing written, when the record held the document already. */
export async function closeDocument(trx: Trx, uniqueId: string, end: CopyEnd, now: Date): Promise<boolean> {
  const isFed = end.do === 'fed';
  const { numAffectedRows } = await sql`
    update record_documents set state = ${end.do}, code = ${isFed ? null : end.code}, fed_at = ${isFed ? now : null}::timestamptz,
      entry_uuid = ${isFed ? (end.entryUuid ?? null) : null}, entry = ${isFed && end.isHidden ? JSON.stringify(end.entry) : null}::jsonb,
      answers = ${withAnswer(isFed ? 'fed' : end.code, now)}
    where unique_id = ${uniqueId} and state <> 'fed'`.execute(trx);
  if (numAffectedRows !== 1n) return false;
  if (isFed && end.replaces !== undefined) {
    await trx.updateTable('record_documents').set({ replaced_by: uniqueId }).where('unique_id', '=', end.replaces).execute();
  }
  return true;
}

/** Remembers an attempt that will be made again. `code` says why. */
export async function noteAnswer(trx: Trx, uniqueId: string, code: string, now: Date): Promise<void> {
  await sql`update record_documents set answers = ${withAnswer(code, now)} where unique_id = ${uniqueId}`.execute(trx);
}

/** What became of the copies of these letters' documents, in the order of the letters and of the documents in them. */
export async function courseOfCopies(db: Db, letterIds: readonly string[]): Promise<Copy[]> {
  if (letterIds.length === 0) return [];
  const rows = await db
    .selectFrom('record_document_letters as l')
    .innerJoin('record_documents as d', 'd.unique_id', 'l.unique_id')
    .select(['l.letter_id as letterId', 'l.unique_id as uniqueId', 'l.place', 'd.state', 'd.code', 'd.known_at as knownAt'])
    .select(['d.fed_at as fedAt', 'd.answers'])
    .where('l.letter_id', 'in', letterIds)
    .orderBy('l.letter_id')
    .orderBy('l.place')
    .execute();
  return rows;
}

/** The documents in these states, the latest first, each with the letter that brought it last. */
export async function listCopies(db: Db, states: readonly CopyState[], limit: number): Promise<Copy[]> {
  const { rows } = await sql<Copy>`
    select l.letter_id as "letterId", d.unique_id as "uniqueId", l.place, d.state, d.code, d.known_at as "knownAt", d.fed_at as "fedAt", d.answers
    from record_documents d join lateral (
      select letter_id, place from record_document_letters where unique_id = d.unique_id order by letter_id desc limit 1) l on true
    where d.state = any(${states}::text[]) order by d.known_at desc, d.unique_id limit ${limit}`.execute(db);
  return rows;
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
