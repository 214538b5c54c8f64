// Notices to citizens' ordinary e-mail addresses: one a citizen and quiet period, whatever happened in it. Requirement 58.
// The first event of a quiet time owes a notice at once. Those that come while it has not been begun are covered by it; the first that
// comes later owes the next one, due when the quiet period ends, and sent only if something still waits unread then. So at any moment
// each event has a notice that begins after it, and never more than one notice is to come.
import { sql } from 'kysely';
import { z } from 'zod';
import { type NoticeKind, whoWantsNotices } from '../../policies/notice-preferences.ts';
import { derivedId } from '../core/derived-id.ts';
import type { Trx } from '../database/tables.ts';
import { addToOutbox } from './outbox.ts';
import { instantKind } from './payload-kinds.ts';

/** Something that a citizen may want to be told of. */
export type NoticeEvent = { readonly citizenId: number; readonly kind: NoticeKind };

/** The kind of these rows: the name of their task. */
export const noticeRowKind = 'send-notice';

/** `dueAt` tells a citizen's notices apart. No address: it is asked when the notice is sent. */
export const noticePayload = z.strictObject({ citizenId: z.int(), dueAt: instantKind });

/**
 * How long a notice is tried: one that is later is of no use. A notice that was not begun by then (its row dropped by a person, say)
 * keeps no event from owing another.
 */
export const noticeLifeMs = 24 * 3_600_000;

/**
 * Owes a notice to those who want one of such events, in the transaction of what happened. Twice for the same event adds nothing while
 * its notice is not begun, and afterwards one at the end of the quiet period. Answers how many are newly owed.
 */
export async function oweNotices(
  trx: Trx,
  events: readonly NoticeEvent[],
  now: Date,
  { quietMs }: { readonly quietMs: number },
): Promise<number> {
  if (events.length === 0) return 0;
  const citizenIds = await whoWantsNotices(trx, events);
  if (citizenIds.length === 0) return 0;
  // Even where nothing changes, the row is locked until the event is committed: whoever begins its notice finds the event there.
  const { rows } = await sql<{ citizen_id: number; due_at: Date }>`
    insert into notices as held (citizen_id, due_at)
    select citizen_id, ${now}::timestamptz from unnest(${citizenIds}::bigint[]) as told (citizen_id) order by citizen_id
    on conflict (citizen_id) do update
      set due_at = greatest(excluded.due_at, held.due_at + interval '1 millisecond', held.begun_at + ${quietMs}::double precision * interval '1 millisecond')
      where held.begun_due = held.due_at or held.due_at <= ${new Date(now.getTime() - noticeLifeMs)}
    returning citizen_id, due_at`.execute(trx);
  await addNotices(
    trx,
    rows.map((row) => ({ citizenId: row.citizen_id, dueAt: row.due_at })),
    now,
  );
  return rows.length;
}

/** Their outbox rows. */
export async function addNotices(
  trx: Trx,
  notices: readonly { readonly citizenId: number; readonly dueAt: Date }[],
  now: Date,
): Promise<void> {
  const items = notices.map(({ citizenId, dueAt: notBefore }) => {
    const payload: z.input<typeof noticePayload> = { citizenId, dueAt: notBefore.toISOString() };
    return { id: derivedId([noticeRowKind, citizenId, payload.dueAt]), kind: noticeRowKind, payload, notBefore };
  });
  await addToOutbox(trx, items, now);
}
