// What the rules of exchange ask of stored mail: who sent a letter and whom its first reading tells, a mailbox's choice on receipts,
// the folder of blocked patients, other names of a mailbox, and what happened to messages. Requirements 33, 43 and 45.
// Mailboxes made before it are taken for professionals' and have no such folder: no release had any.
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table letters add sender text, add receipt_to text`,
  // The few letters that owe a receipt, so that marking a thousand others read asks this index once.
  `create index letters_owing_receipt on letters (mailbox_id, letter_id) where receipt_to is not null`,

  `alter table mailboxes
    add holder text not null default 'professional' check (holder in ('citizen', 'professional')),
    add receipts text not null default 'ask' check (receipts in ('always', 'ask', 'never')),
    add constraint citizens_always_send_receipts check (holder = 'professional' or receipts = 'always')`,
  `alter table mailboxes alter column holder drop default, alter column receipts drop default`,

  `alter table folders add role text check (role in ('blocked-patients'))`,
  `create unique index folders_role on folders (mailbox_id, role) where role is not null`,

  // Led by the address, as mailboxes.address is: it is what finds the mailbox.
  `create table mailbox_names (
    address text primary key,
    mailbox_id bigint not null references mailboxes
  )`,
  `create index mailbox_names_mailbox on mailbox_names (mailbox_id)`,

  // A line to be acted on once, in order; the letter it names may be gone by then.
  `create table message_events (
    event_id bigint generated always as identity primary key,
    kind text not null,
    mailbox_id bigint not null references mailboxes,
    letter_id bigint,
    message_id text,
    receipt_to text,
    sender text,
    at timestamptz not null default clock_timestamp(),
    check ((kind = 'read' and letter_id is not null and receipt_to is not null) or (kind in ('filed', 'unfiled') and sender is not null))
  )`,
];
