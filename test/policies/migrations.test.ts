import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { policiesMigrations } from '../../policies/migrations/set.ts';
import { readExchange } from '../../policies/register.ts';
import { migrateAll } from '../../src/database/migrate.ts';
import { address } from '../support/address.ts';
import { createTestDatabase } from '../support/database.ts';

test('exchanges written before anyone asked who opened them keep their state, opened and ended by the correspondent', async () => {
  const { '001-exchanges': first } = policiesMigrations.migrations;
  if (!first) throw new Error('The first migration is for ever');
  const { db, close } = await createTestDatabase([{ owner: 'policies', migrations: { '001-exchanges': first } }]);
  try {
    const [doctor, ward] = [address('lea.martin@medecin.demo.mssante.fr'), address('cardiologie@hopital.demo.mssante.fr')];
    const [opened, changed] = [new Date('2026-11-20T08:00:00Z'), new Date('2026-11-21T09:00:00Z')];
    await sql`insert into exchanges (citizen_id, correspondent, state, opened_at, changed_at) values
      (1, ${doctor}, 'open', ${opened}, ${opened}), (1, ${ward}, 'ended', ${opened}, ${changed})`.execute(db);
    await migrateAll(db, [policiesMigrations]);
    expect(await readExchange(db, { citizenId: 1, correspondent: doctor })).toEqual({ state: 'open', opened: { by: doctor, at: opened } });
    expect(await readExchange(db, { citizenId: 1, correspondent: ward })).toEqual({
      state: 'ended',
      opened: { by: ward, at: opened },
      ended: { by: ward, at: changed },
    });
  } finally {
    await close();
  }
});
