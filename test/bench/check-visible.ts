// After a load: is everything that was acknowledged there, once, and can it be seen? A bench that loses letters measures nothing.
import { recount } from '../../mailboxes/recount.ts';
import { connect } from '../../src/database/connect.ts';
import { ImapReader } from '../support/imap-reader.ts';
import type { BenchWorld } from './world.ts';

/** Mailboxes asked over IMAP; the database is asked for all. */
const sampled = 25;

/** What is wrong, in words without addresses; empty when all is well. `owed` is the letters acknowledged for each address since the start. */
export async function checkVisible(world: BenchWorld, owed: ReadonlyMap<string, number>): Promise<string[]> {
  const db = connect({ ...world.report.connection, poolSize: 1 });
  try {
    const rows = await db
      .selectFrom('mailboxes as m')
      .innerJoin('folders as f', 'f.mailbox_id', 'm.mailbox_id')
      .select(['m.address', 'f.messages'])
      .where('f.name', '=', 'INBOX')
      .execute();
    const kept = new Map<string, number>(rows.map((row) => [row.address, row.messages]));
    const wrong = [...owed].filter(([address, count]) => kept.get(address) !== count);
    const differences = await recount(db);
    const unseen = await unseenInImap(world, owed);
    return [
      ...(wrong.length > 0 ? [`${wrong.length} mailboxes do not hold the letters acknowledged for them`] : []),
      ...(differences.length > 0 ? [`${differences.length} counters differ from a recount`] : []),
      ...(unseen > 0 ? [`${unseen} of ${sampled} mailboxes do not show in IMAP the letters acknowledged for them`] : []),
    ];
  } finally {
    await db.destroy();
  }
}

async function unseenInImap({ report, authority, crowd }: BenchWorld, owed: ReadonlyMap<string, number>): Promise<number> {
  const step = Math.max(1, Math.floor(crowd.citizens.length / sampled));
  let unseen = 0;
  for (const { address, password } of crowd.citizens.filter((_, at) => at % step === 0)) {
    const reader = await ImapReader.open({ port: report.ports.imapTls, ca: authority, user: address, password });
    const { text } = await reader.command('STATUS INBOX (MESSAGES)');
    reader.destroy();
    if (Number(/MESSAGES (\d+)/.exec(text)?.[1]) !== (owed.get(address) ?? 0)) unseen += 1;
  }
  return unseen;
}
