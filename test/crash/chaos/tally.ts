// What the world holds when everything has calmed down, counted letter by letter: nothing is sampled.
import { sql } from 'kysely';
import { type ConnectionOptions, connect } from '../../../src/database/connect.ts';
import type { Someone } from '../../support/crowd.ts';
import { ImapReader } from '../../support/imap-reader.ts';
import type { ChaosLetter } from './load.ts';

/** What was found wrong, each as a list or a count that should be empty or zero. */
export type Findings = {
  readonly documentsMissing: number;
  readonly documentsTwice: number;
  readonly documentsOfNobody: number;
  readonly receiptsMissing: number;
  readonly receiptsTwice: number;
  readonly citizensWithoutNotice: number;
  readonly citizensToldTwice: number;
  readonly ledgerLinesMissing: number;
  readonly ledgerLinesNotFinal: number;
  readonly rowsWaiting: number;
  readonly rowsDead: number;
};

/** Nothing wrong. */
export const calm: Findings = {
  documentsMissing: 0,
  documentsTwice: 0,
  documentsOfNobody: 0,
  receiptsMissing: 0,
  receiptsTwice: 0,
  citizensWithoutNotice: 0,
  citizensToldTwice: 0,
  ledgerLinesMissing: 0,
  ledgerLinesNotFinal: 0,
  rowsWaiting: 0,
  rowsDead: 0,
};

/** What each part of the world knows. */
export type World = {
  readonly letters: readonly ChaosLetter[];
  /** uniqueIds of the documents that the record holds, one for each it holds. */
  readonly held: readonly string[];
  /** One line per notice taken by the smarthost: whom to, and its Message-ID. */
  readonly notices: readonly { readonly to: string; readonly messageId: string }[];
  /** In-Reply-To of every receipt in the doctors' mailboxes. */
  readonly receipts: readonly string[];
  /** Ordinary addresses of the citizens who were sent something. */
  readonly toBeTold: readonly string[];
};

/** Counts. */
export async function tally(connection: ConnectionOptions, world: World): Promise<Findings> {
  const taken = world.letters.filter(({ fate }) => fate === 'acknowledged');
  const documents = countOf(world.held);
  const known = new Set(world.letters.map(({ uniqueId }) => uniqueId));
  const receipts = countOf(world.receipts);
  const told = countOf(new Set(world.notices.map(({ to, messageId }) => `${to} ${messageId}`)), (line) => line.split(' ')[0] ?? '');
  return {
    documentsMissing: taken.filter(({ uniqueId }) => !documents.has(uniqueId)).length,
    documentsTwice: [...documents.values()].filter((count) => count > 1).length,
    documentsOfNobody: [...documents.keys()].filter((uniqueId) => !known.has(uniqueId)).length,
    receiptsMissing: taken.filter(({ messageId }) => !receipts.has(messageId)).length,
    receiptsTwice: [...receipts.values()].filter((count) => count > 1).length,
    citizensWithoutNotice: world.toBeTold.filter((address) => !told.has(address)).length,
    citizensToldTwice: [...told.values()].filter((count) => count > 1).length,
    ...(await rowsOf(connection, taken)),
  };
}

// Housekeeping is owed for ever, and the notice of the next quiet period waits for it.
const isWork = sql`payload::text <> '{}' and not (kind = 'send-notice' and next_attempt_at > now() + interval '1 hour')`;

/** How much is still owed now, of one kind or of all; to all belongs what a reading will owe once it is acted on. */
export async function owedNow(connection: ConnectionOptions, kind?: string): Promise<number> {
  return withDatabase(connection, async (db) => {
    const ofKind = kind === undefined ? sql`true` : sql`kind = ${kind}`;
    const { rows } = await sql<{ owed: number }>`
      select (select count(*) from outbox where state = 'waiting' and ${isWork} and ${ofKind})
        + (select count(*) from message_events where ${kind === undefined}::boolean) as owed`.execute(db);
    return rows[0]?.owed ?? 0;
  });
}

/** From now on a row that was handed over to the queue is never handed over again: the sweep, turned off. */
export async function handOverOnce(connection: ConnectionOptions): Promise<void> {
  await withDatabase(connection, async (db) => {
    await sql`create function never_again() returns trigger language plpgsql as
      $$ begin new.next_attempt_at := now() + interval '1 year'; return new; end $$`.execute(db);
    await sql`create trigger hand_over_once before update on outbox for each row
      when (old.next_attempt_at <= now() and new.next_attempt_at > now() and new.attempts = old.attempts and new.state = 'waiting')
      execute function never_again()`.execute(db);
  });
}

/** Nobody waits for a schedule of minutes: what is to be tried again is due at once. */
export async function makeDue(connection: ConnectionOptions): Promise<void> {
  await withDatabase(connection, (db) =>
    sql`update outbox set next_attempt_at = now() where state = 'waiting' and last_error is not null and next_attempt_at > now()`.execute(
      db,
    ),
  );
}

/** So many headers are in one answer that the reader keeps whole. */
const headersAtOnce = 40;

/** In-Reply-To of every receipt in the mailboxes of these people. */
export async function readReceipts(port: number, ca: string, people: readonly Someone[]): Promise<string[]> {
  const found: string[] = [];
  for (const { address: user, password } of people) {
    const reader = await ImapReader.open({ port, ca, user, password });
    const { text } = await reader.command('SELECT INBOX');
    const count = Number(/^\* (\d+) EXISTS/m.exec(text)?.[1]);
    for (let first = 1; first <= count; first += headersAtOnce) {
      const last = Math.min(count, first + headersAtOnce - 1);
      const headers = await reader.command(`FETCH ${first}:${last} (BODY.PEEK[HEADER.FIELDS (IN-REPLY-TO CONTENT-TYPE)])`);
      const letters = headers.text.split(/^\* \d+ FETCH/m).slice(1);
      if (letters.length !== last - first + 1) throw new Error(`${letters.length} headers instead of ${last - first + 1}`);
      for (const one of letters) {
        const about = /In-Reply-To:\s*(<[^>]+>)/i.exec(one)?.[1];
        if (about !== undefined && /disposition-notification/i.test(one)) found.push(about);
      }
    }
    reader.destroy();
  }
  return found;
}

/** Reads every letter of these mailboxes, as a mail program does that marks all as read; true when it could. */
export async function readEverything(port: number, ca: string, people: readonly Someone[]): Promise<boolean> {
  try {
    for (const { address: user, password } of people) {
      const reader = await ImapReader.open({ port, ca, user, password });
      const { text } = await reader.command('SELECT INBOX');
      if (!/^\* 0 EXISTS/m.test(text)) await reader.command('STORE 1:* +FLAGS.SILENT (\\Seen)');
      reader.destroy();
    }
    return true;
  } catch {
    return false;
  }
}

async function rowsOf(connection: ConnectionOptions, taken: readonly ChaosLetter[]) {
  return withDatabase(connection, async (db) => {
    const { rows: lines } = await sql<{ message_id: string; is_final: boolean }>`
      select message_id, final_at is not null as is_final from ledger`.execute(db);
    const { rows: outbox } = await sql<{ state: string; count: number }>`
      select state, count(*)::int as count from outbox where ${isWork} group by state`.execute(db);
    const known = new Set(lines.map((line) => line.message_id));
    const count = (state: string) => outbox.find((row) => row.state === state)?.count ?? 0;
    return {
      ledgerLinesMissing: taken.filter(({ messageId }) => !known.has(messageId)).length,
      ledgerLinesNotFinal: lines.filter((line) => !line.is_final).length,
      rowsWaiting: count('waiting'),
      rowsDead: count('dead'),
    };
  });
}

async function withDatabase<T>(connection: ConnectionOptions, use: (db: ReturnType<typeof connect>) => Promise<T>): Promise<T> {
  const db = connect({ ...connection, poolSize: 1 });
  try {
    return await use(db);
  } finally {
    await db.destroy();
  }
}

function countOf(values: Iterable<string>, key: (value: string) => string = (value) => value): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return counts;
}
