// The ledger (requirement 46: what became of each letter, recipient by recipient) and the quarantine (requirement 50).
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger (
      letter_id uuid not null,
      recipient text not null,
      sender text not null,
      message_id text,
      envelope_id text,
      original_recipient text,
      notify text,
      state text not null check (state in ('queued', 'held', 'relayed', 'delivered', 'refused', 'read')),
      status text,
      integration_error smallint,
      queued_at timestamptz not null,
      held_at timestamptz,
      relayed_at timestamptz,
      delivered_at timestamptz,
      refused_at timestamptz,
      read_at timestamptz,
      primary key (letter_id, recipient)
    )`.execute(db);
  // Reports speak of a letter by its Message-ID (RFC 8098 §3.2.5) or by the sender's own name for it (RFC 3464 §2.2.1).
  await sql`create index ledger_message on ledger (message_id, sender) where message_id is not null`.execute(db);
  await sql`create index ledger_envelope on ledger (envelope_id, sender) where envelope_id is not null`.execute(db);
  await sql`create index ledger_age on ledger (queued_at)`.execute(db);

  await sql`
    create table quarantine (
      held_id uuid primary key,
      letter_id uuid not null,
      fingerprint bytea not null,
      sender text not null,
      recipient text not null,
      code text not null,
      blob_id uuid not null,
      prefix bytea not null,
      headers bytea not null,
      received_from text not null,
      message_id text,
      envelope_id text,
      notify text,
      original_recipient text,
      received_at timestamptz not null,
      held_at timestamptz not null,
      expires_at timestamptz not null,
      state text not null default 'held' check (state in ('held', 'released', 'dropped', 'expired')),
      decided_by text,
      reason text,
      decided_at timestamptz,
      check ((state = 'held') = (decided_at is null))
    )`.execute(db);
  await sql`create index quarantine_expiry on quarantine (expires_at) where state = 'held'`.execute(db);
  await sql`create index quarantine_decided on quarantine (decided_at) where state <> 'held'`.execute(db);
}
