// The outbox is emptied: each row is done, tried again or given up as its task says. Architecture §1 « Later work hangs on an outbox row ».
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { UnavailableError } from '../../src/core/errors.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { type AnyTask, task } from '../../src/pipeline/task.ts';
import { address } from '../support/address.ts';
import { until } from '../support/until.ts';
import { countEffects, countRows, oweEffects } from './effects.ts';
import { onEachEngine } from './engines.ts';
import { openYard } from './yard.ts';

onEachEngine((engine) => {
  const yard = openYard(engine);

  test('every row is done, once, by two processes sharing one outbox', async () => {
    await oweEffects(yard.db, 1, 450);
    await yard.start();
    await yard.start();
    await until('450 rows are done', async () => (await countRows(yard.db, 'done')) === 450);
    expect(await countEffects(yard.db)).toBe(450);
    const { rows } = await sql<{ runs: number }>`select count(*) as runs from runs`.execute(yard.db);
    expect(rows[0]?.runs).toBe(450);
  });

  test('a poke after the commit starts the work at once, long before the next poll', async () => {
    const pipeline = await yard.start({ pollMs: 600_000 });
    await oweEffects(yard.db, 1, 1);
    pipeline.poke();
    await until('the row is done', async () => (await countRows(yard.db, 'done')) === 1);
  });

  test('a transaction that is rolled back owes nothing', async () => {
    await yard.start();
    const attempt = yard.db.transaction().execute(async (trx) => {
      await addToOutbox(trx, [{ kind: 'write-effect', payload: { number: 1 } }], new Date());
      throw new Error('The letter was refused');
    });
    await expect(attempt).rejects.toThrow('The letter was refused');
    await oweEffects(yard.db, 2, 2);
    await until('the other row is done', async () => (await countRows(yard.db, 'done')) === 1);
    const { rows } = await sql`select number from effects`.execute(yard.db);
    expect(rows).toEqual([{ number: 2 }]);
  });

  test('an unavailable peer is tried again by the schedule, then answered', async () => {
    let tries = 0;
    const { services } = await startWith(
      failing('unsteady', 60_000, () => {
        tries += 1;
        if (tries < 3) throw new UnavailableError('down');
      }),
    );
    await until('the row is done', async () => (await countRows(yard.db, 'done')) === 1);
    expect(tries).toBe(3);
    expect(services.told.map((one) => one.event)).toEqual(['taskPostponed', 'taskPostponed']);
  });

  test('work that never succeeds is given up when its schedule ends, and its row says why with a code', async () => {
    const { services } = await startWith(
      failing('hopeless', 3_000, () => {
        throw new UnavailableError('down');
      }),
    );
    await until('the row is dead', async () => (await countRows(yard.db, 'dead')) === 1);
    const row = await yard.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'dead', last_error: 'unavailable', finished_at: expect.any(Date) });
    expect(row.attempts).toBeGreaterThan(1);
    expect(services.told.at(-1)).toMatchObject({ event: 'taskDead', facts: { because: 'unavailable' } });
  });

  test('requirement 58: an error that quotes a patient leaves neither the row nor the events saying so', async () => {
    const { services } = await startWith(
      failing('indiscreet', 100, () => {
        throw new Error('279035121518989@patient.mssante.fr: mailbox busy');
      }),
    );
    await until('the row is dead', async () => (await countRows(yard.db, 'dead')) === 1);
    expect(JSON.stringify(services.told)).not.toContain('279035121518989');
    const row = await yard.db.selectFrom('outbox').select('last_error').executeTakeFirstOrThrow();
    expect(row.last_error).toBe('crashed');
  });

  test('a payload of another shape is given up at once, and an unknown kind waits for a newer program', async () => {
    const later = { kind: 'invented-tomorrow', payload: {} };
    await yard.db
      .transaction()
      .execute((trx) => addToOutbox(trx, [{ kind: 'write-effect', payload: { number: 'one' } }, later], new Date()));
    await yard.start();
    await until('the first row is dead', async () => (await countRows(yard.db, 'dead')) === 1);
    await until('the second is postponed', async () => {
      const row = await yard.db.selectFrom('outbox').selectAll().where('kind', '=', later.kind).executeTakeFirstOrThrow();
      return row.state === 'waiting' && row.last_error === 'unknown-kind';
    });
  });

  test('work that is not due yet waits for its moment', async () => {
    const soon = new Date(Date.now() + 600);
    await yard.db
      .transaction()
      .execute((trx) => addToOutbox(trx, [{ kind: 'write-effect', payload: { number: 1 }, notBefore: soon }], new Date()));
    await yard.start();
    await until('the row is done', async () => (await countRows(yard.db, 'done')) === 1);
    const { finished_at } = await yard.db.selectFrom('outbox').select('finished_at').executeTakeFirstOrThrow();
    expect(finished_at?.getTime()).toBeGreaterThanOrEqual(soon.getTime());
  });

  test('an event that cannot be acted on keeps no row from its worker', async () => {
    // The tables of the directory are not there: nobody can say who is to be blocked.
    const { mailboxId } = await createMailbox(yard.db, address('lea.martin@medecin.test.mssante.fr'), 1000, 'professional');
    await sql`insert into message_events (kind, mailbox_id, sender) values ('filed', ${mailboxId}, '279035121518989@patient.mssante.fr')`.execute(
      yard.db,
    );
    const services = yard.services();
    await oweEffects(yard.db, 1, 3);
    await yard.start({ services });
    await until('the rows are done', async () => (await countRows(yard.db, 'done')) === 3);
    expect(services.told.map((one) => one.event)).toContain('engineFailed');
    expect(JSON.stringify(services.told)).not.toContain('279035121518989');
    expect(await yard.db.selectFrom('message_events').selectAll().execute()).toHaveLength(1);
    await sql`truncate message_events`.execute(yard.db);
  });

  test('housekeeping is owed once per period, however many processes add it', async () => {
    const dayMs = 24 * 3_600_000;
    let runs = 0;
    const sweepTheYard = task({
      name: 'sweep-the-yard',
      payload: z.strictObject({}),
      lane: 'here',
      retry: { firstDelayMs: 10, longestDelayMs: 10, giveUpAfterMs: 1000 },
      everyMs: dayMs,
      run: async () => {
        runs += 1;
        return { do: 'done' };
      },
    });
    let now = new Date('2026-11-22T08:00:00Z');
    const services = { ...yard.services(), clock: () => now };
    await yard.start({ services, tasks: [sweepTheYard] });
    await yard.start({ services, tasks: [sweepTheYard] });
    await until('the first day is done', async () => (await countRows(yard.db, 'done')) === 1);
    now = new Date(now.getTime() + dayMs);
    await until('the second day is done', async () => (await countRows(yard.db, 'done')) === 2);
    expect(runs).toBe(2);
  });

  function failing(name: string, giveUpAfterMs: number, act: () => void): AnyTask {
    return task({
      name,
      payload: z.strictObject({}),
      lane: 'here',
      retry: { firstDelayMs: 20, longestDelayMs: 50, giveUpAfterMs },
      run: async () => {
        act();
        return { do: 'done' };
      },
    });
  }

  async function startWith(one: AnyTask) {
    await yard.owe(one.name);
    const services = yard.services();
    await yard.start({ services, tasks: [one] });
    return { services };
  }
});
