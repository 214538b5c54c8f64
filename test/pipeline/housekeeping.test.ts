// The work a gateway owes to each hour and each day: bytes nobody refers to, and rows finished long ago.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allMigrations } from '../../src/all-migrations.ts';
import { markDead, purgeOutbox, settleRows } from '../../src/delivery/outbox.ts';
import { addOutgoingLetters } from '../../src/delivery/outgoing-letters.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { gatewayTasks } from '../../src/pipeline/tasks.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { oweEffects, servicesFor } from './effects.ts';
import { onEachEngine } from './engines.ts';

onEachEngine((engine) => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase(allMigrations);
    folder = await mkdtemp(join(tmpdir(), 'passerelle-housekeeping-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await database.close();
  });

  test('a gateway that starts carries out the housekeeping of the hour and of the day, once', async () => {
    const services = servicesFor(database.db, folder);
    const two = [1, 2].map(
      () => new Pipeline({ services, tasks: gatewayTasks, connection: database.connection, redisUrl: engine.redisUrl, pollMs: 30 }),
    );
    try {
      await Promise.all(two.map((pipeline) => pipeline.start()));
      const kinds = await until('both are done', async () => {
        const rows = await database.db.selectFrom('outbox').select(['kind', 'state']).orderBy('kind').execute();
        return rows.every((row) => row.state === 'done') && rows.length > 0 ? rows.map((row) => row.kind) : undefined;
      });
      expect(kinds).toEqual(gatewayTasks.flatMap(({ name, everyMs }) => (everyMs(services) === undefined ? [] : [name])).sort());
      expect(services.told).toEqual([{ event: 'orphansCollected', facts: { blobs: 0 } }]);
    } finally {
      await Promise.all(two.map((pipeline) => pipeline.stop()));
      await sql`truncate outbox`.execute(database.db);
    }
  });

  test('rows done or given up before a moment are forgotten, the waiting and the recent are kept', async () => {
    const day = (number: number) => new Date(Date.UTC(2026, 9, number));
    const [oldDone = '', oldDead = '', recent = '', waiting = ''] = await oweEffects(database.db, 1, 4);
    await settle(oldDone, day(1));
    await markDead(database.db, oldDead, { now: day(1), because: 'hopeless', isTold: false });
    await settle(recent, day(20));
    expect(await purgeOutbox(database.db, { doneBefore: day(10), deadBefore: day(1) }, 10)).toBe(1);
    expect(await purgeOutbox(database.db, { doneBefore: day(10), deadBefore: day(10) }, 10)).toBe(1);
    const left = await database.db.selectFrom('outbox').select('id').execute();
    expect(left.map((row) => row.id).sort()).toEqual([recent, waiting].sort());
  });

  test('the bytes of a letter given up are let go with its row', async () => {
    const { blobs } = servicesFor(database.db, folder);
    const blob = await blobs.store(
      (async function* () {
        yield Buffer.from('Subject: Essai\r\n\r\n');
      })(),
    );
    const recipient = address('busy@autre.mssante.fr');
    await database.db
      .transaction()
      .execute((trx) =>
        addOutgoingLetters(
          trx,
          [{ about: aboutLetter({ sender: null }), blob, prefix: Buffer.alloc(0), recipients: [{ address: recipient }] }],
          new Date(),
        ),
      );
    const { id } = await database.db.selectFrom('outbox').select('id').where('kind', '=', 'relay-letter').executeTakeFirstOrThrow();
    await markDead(database.db, id, { now: new Date(), because: 'hopeless', isTold: false });
    expect(await blobs.collectOrphans(database.db, -60_000)).toBe(0);
    const soon = new Date(Date.now() + 60_000);
    await purgeOutbox(database.db, { doneBefore: soon, deadBefore: soon }, 100);
    expect(await blobs.collectOrphans(database.db, -60_000)).toBe(1);
  });

  function settle(id: string, at: Date): Promise<void> {
    return database.db.transaction().execute((trx) => settleRows(trx, [id], at));
  }
});
