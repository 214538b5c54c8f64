// A task whose effect can be counted, for the tests and for the worker process they kill: it writes its payload's number once.
import { sql } from 'kysely';
import { z } from 'zod';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { MasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Db } from '../../src/database/tables.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import type { PipelineEvents } from '../../src/pipeline/events.ts';
import { type TaskServices, task } from '../../src/pipeline/task.ts';
import { address } from '../support/address.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';

const dayMs = 24 * 3_600_000;

/** Every run leaves a line in `runs`; the effect itself is kept once by its key. Twice is harmless: the key is the lock. */
export const writeEffect = task({
  name: 'write-effect',
  payload: z.strictObject({ number: z.int() }),
  lane: 'here',
  retry: { firstDelayMs: 20, longestDelayMs: 100, giveUpAfterMs: 60_000 },
  run: async ({ db }, { number }) => {
    await sql`insert into runs (number) values (${number})`.execute(db);
    await sql`insert into effects (number) values (${number}) on conflict do nothing`.execute(db);
    return { do: 'done' };
  },
});

/** The tables of the task above. */
export async function createEffectTables(db: Db): Promise<void> {
  await sql`create table runs (number integer not null)`.execute(db);
  await sql`create table effects (number integer primary key)`.execute(db);
}

/** Owes the effects `from` to `to`, both included. */
export async function oweEffects(db: Db, from: number, to: number): Promise<string[]> {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return db.transaction().execute((trx) =>
    addToOutbox(
      trx,
      numbers.map((number) => ({ kind: 'write-effect', payload: { number } })),
      new Date(),
    ),
  );
}

/** How many effects are there. */
export async function countEffects(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from effects`.execute(db);
  return rows[0]?.count ?? 0;
}

/** How many rows of the outbox stand in that state. */
export async function countRows(db: Db, state: 'waiting' | 'done' | 'dead'): Promise<number> {
  const { count } = await db
    .selectFrom('outbox')
    .select((outbox) => outbox.fn.countAll<number>().as('count'))
    .where('state', '=', state)
    .executeTakeFirstOrThrow();
  return count;
}

/** Services over `db`, with a blob store in `folder`, that remember their events and, in `path`, what was delivered. */
export function servicesFor(
  db: Db,
  folder: string,
): TaskServices & { readonly told: { event: string; facts: unknown }[]; readonly path: RecordingDelivery } {
  const told: { event: string; facts: unknown }[] = [];
  const tell = (event: string) => (facts: unknown) => void told.push({ event, facts });
  const events: PipelineEvents = {
    // Told of every row: those who look at what was told look for what is not usual.
    taskDone: () => undefined,
    taskPostponed: tell('taskPostponed'),
    taskDead: tell('taskDead'),
    taskCrashed: tell('taskCrashed'),
    letterRelayed: tell('letterRelayed'),
    documentCopied: tell('documentCopied'),
    idleBoxesReviewed: tell('idleBoxesReviewed'),
    testIdentitiesFound: tell('testIdentitiesFound'),
    registryFed: tell('registryFed'),
    feedRefused: tell('feedRefused'),
    orphansCollected: tell('orphansCollected'),
    engineFailed: tell('engineFailed'),
  };
  const keys = new MasterKeys(new Map([[1, Buffer.alloc(32, 7)]]));
  const path = new RecordingDelivery();
  return {
    db,
    blobs: new BlobStore({ folder, keys, inlineLimitBytes: 16_384 }),
    path,
    relay: undefined,
    record: undefined,
    notices: undefined,
    hostname: 'passerelle.test',
    citizensDomain: 'patient.mssante.fr',
    postmaster: address('postmaster@patient.mssante.fr'),
    memory: { lettersMs: 400 * dayMs, ledgerMs: 400 * dayMs, deadMs: 90 * dayMs },
    idle: { noticeMs: 0, suspendMs: 0, unpublishMs: 0 },
    alarmsTestIdentities: true,
    sources: {},
    events,
    clock: systemClock,
    told,
  };
}
