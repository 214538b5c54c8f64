// Automatic letters are placed exactly once while the database cuts every connection, whatever was under way: before a commit, after it,
// or in doubt. Architecture §1 « running a job twice is harmless », requirement 43 « once ».
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { oweReports } from '../../src/delivery/automatic-letters.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { people } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { onEachEngine } from './engines.ts';
import { openWorkingTown, type WorkingTown } from './working-town.ts';

onEachEngine((engine) => {
  let town: WorkingTown;
  beforeEach(async () => {
    town = await openWorkingTown({ redisUrl: engine.redisUrl });
  });
  afterEach(() => town.close());

  const { doctor, citizen } = people;
  const reports = 150;

  test('connections cut again and again lose no report and place none twice', async () => {
    const recipients = [{ address: citizen, action: 'failed', status: '5.2.1', code: 'citizen-mailbox-closed' } as const];
    const owed = Array.from({ length: reports }, () => ({ about: aboutLetter({ sender: doctor }), recipients }));
    await town.db.transaction().execute((trx) => oweReports(trx, owed, town.services.clock()));
    await Promise.all([town.work(), town.work()]);
    // The test's own questions are cut as well.
    const placed = async () => (await town.inbox(doctor).catch(() => [])).length;
    for (let cut = 1; cut <= 5; cut += 1) {
      await until('some more are placed', async () => (await placed()) >= Math.min(cut * 12, reports));
      await cutConnections();
      // Work that was cut waits for its schedule: minutes, that the test lets pass.
      town.pass(0.1);
    }
    await until(
      'every report is placed',
      async () => {
        town.pass(0.1);
        return (await town.rows().catch(() => undefined))?.every((row) => row.state === 'done');
      },
      40_000,
    );
    const answered = (await town.automatic(doctor)).map((one) => one.inReplyTo);
    expect(answered).toHaveLength(reports);
    expect(new Set(answered)).toEqual(new Set(owed.map(({ about }) => about.messageId)));
  }, 90_000);

  async function cutConnections(): Promise<void> {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
      town.db,
    );
  }
});
