// The ledger's deadline (requirement 46): for each line, until when something must be known, which outbox row is to bring it further,
// and when what its sender hears from this gateway was settled.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger
      add column deadline_at timestamptz,
      add column work_id uuid,
      add column offered_until timestamptz,
      add column expired_at timestamptz,
      add column final_at timestamptz`.execute(db);
  // Of lines written before, nobody remembers who was to say more: those that have left are settled, the others get the usual time.
  await sql`
    update ledger l set
      final_at = case state when 'relayed' then relayed_at when 'delivered' then delivered_at when 'refused' then refused_at
        when 'read' then coalesce(delivered_at, read_at) end,
      work_id = case state
        when 'queued' then (select o.id from outbox o where o.kind = 'relay-letter' and o.state = 'waiting'
          and o.payload->'about'->>'arrivalId' = l.letter_id::text
          and o.payload->'recipients' @> jsonb_build_array(jsonb_build_object('address', l.recipient)) limit 1)
        when 'held' then (select q.held_id from quarantine q where q.letter_id = l.letter_id and q.recipient = l.recipient
          order by q.held_at desc limit 1) end,
      deadline_at = case state
        when 'queued' then greatest(l.queued_at, now()) + interval '72 hours'
        when 'held' then greatest(now(), (select max(q.expires_at) from quarantine q
          where q.letter_id = l.letter_id and q.recipient = l.recipient)) + interval '72 hours' end`.execute(db);
  // Settled lines leave this index: asking which are late costs what is late, whatever was delivered before.
  await sql`create index ledger_deadline on ledger (deadline_at) where final_at is null`.execute(db);
}
