// What the registry remembers of its own changes: each column before and after, by whom, whatever the statement that changed it.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAddress, updateAddress } from '../../directory/addresses.ts';
import { attachProfile, detachProfile } from '../../directory/attached-profiles.ts';
import { changeState } from '../../directory/change-state.ts';
import { citizenAddress } from '../../directory/citizen-addresses.ts';
import { asAuthor, type HistorySubject, readHistory } from '../../directory/history.ts';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { setPractices } from '../../directory/practices.ts';
import { createCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  // One connection: what a transaction leaves behind would be met by the next one.
  database = await createTestDatabase([directoryMigrations], 1);
  await registerProfessional(database.db, doctor);
  await registerStructure(database.db, { structureId: '1990001014', name: 'Clinique de test' });
});
afterAll(() => database.close());

const domain = 'patient.mssante.fr';
const doctor = { rpps: '99700101005', civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
let bodies = 2_790_399_200_000;
function matricule(): Ins {
  const body = String(++bodies);
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}
async function register(): Promise<{ ins: Ins; id: number }> {
  const ins = matricule();
  await createCitizen(database.db, { ins, birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' });
  return { ins, id: (await findCitizens(database.db, [ins])).get(ins) ?? expect.fail('not registered') };
}
const by = (author: string | undefined, work: (trx: Trx) => Promise<unknown>) =>
  database.db.transaction().execute(async (trx) => {
    if (author !== undefined) await asAuthor(trx, author);
    return work(trx);
  });
const linesOf = (kind: HistorySubject['kind'], id: string | number) => readHistory(database.db, { kind, id: String(id) }, 100);
const changesOf = async (kind: HistorySubject['kind'], id: string | number) => (await linesOf(kind, id)).map(({ change }) => change);

describe('requirement 58: who changed what, when, and what it said before', () => {
  test('a citizen’s mailbox is closed by an operator: the line says so, and nothing of the day it was made', async () => {
    const { ins, id } = await register();
    expect(await linesOf('citizen', id)).toEqual([]);
    await by('operator:jdupont', (trx) => changeState(trx, domain, citizenAddress(ins, domain), 'closed'));
    const [line, ...others] = await linesOf('citizen', id);
    expect(others).toEqual([]);
    expect(line).toEqual({ at: expect.any(Date), by: 'operator:jdupont', change: { state: ['created', 'closed'] } });
  });

  test('the latest first, as many as were asked for; nobody’s name stays on the connection', async () => {
    const { ins, id } = await register();
    await by('feed', (trx) => changeState(trx, domain, citizenAddress(ins, domain), 'opposed'));
    await by(undefined, (trx) => changeState(trx, domain, citizenAddress(ins, domain), 'reopened'));
    const lines = await linesOf('citizen', id);
    expect(lines.map(({ change }) => change)).toEqual([{ state: ['opposed', 'reopened'] }, { state: ['created', 'opposed'] }]);
    expect(lines.map((line) => line.by)).toEqual([undefined, 'feed']);
    expect(await readHistory(database.db, { kind: 'citizen', id: String(id) }, 1)).toEqual(lines.slice(0, 1));
  });

  test('who wrote a row first stands in the row', async () => {
    const box = address('cree@medecin.test.mssante.fr');
    await by('operator:jdupont', (trx) => createAddress(trx, { address: box, type: 'PER', label: 'Dr', rpps: doctor.rpps }));
    const row = await database.db.selectFrom('addresses').select('created_by').where('address', '=', box).executeTakeFirstOrThrow();
    expect(row.created_by).toBe('operator:jdupont');
    expect(await linesOf('address', box)).toEqual([]);
  });

  test('a change that changes nothing, or that was taken back, leaves no line', async () => {
    const { ins, id } = await register();
    await sql`update citizens set state_since = now(), birth_name = birth_name where citizen_id = ${id}`.execute(database.db);
    const lost = by('operator:jdupont', async (trx) => {
      await changeState(trx, domain, citizenAddress(ins, domain), 'closed');
      throw new Error('lost');
    });
    await expect(lost).rejects.toThrow('lost');
    expect(await linesOf('citizen', id)).toEqual([]);
  });

  test('another matricule: both are told, to whoever may read the history', async () => {
    const { ins, id } = await register();
    const next = matricule();
    await by('feed', (trx) => replaceMatricule(trx, ins, next));
    expect(await changesOf('citizen', id)).toEqual([{ ins: [ins, next] }]);
  });

  test('a mailbox’s words and wishes; a row that is removed is told whole', async () => {
    const box = address('mots@medecin.test.mssante.fr');
    await by(undefined, (trx) => createAddress(trx, { address: box, type: 'ORG', label: 'Accueil', structureId: '1990001014' }));
    await by('a', (trx) => updateAddress(trx, box, { label: 'Accueil du service', redList: true, description: 'Secrétariat' }));
    await by('b', (trx) => trx.deleteFrom('addresses').where('address', '=', box).execute());
    const [removed, changed] = await changesOf('address', box);
    expect(changed).toEqual({
      label: ['Accueil', 'Accueil du service'],
      red_list: [false, true],
      description: [null, 'Secrétariat'],
    });
    expect(removed).toMatchObject({ label: ['Accueil du service', null], type: ['ORG', null], structure_id: ['1990001014', null] });
    // What said nothing is not told of.
    expect(Object.keys(removed ?? {})).not.toContain('service');
  });

  test('names of people and of structures', async () => {
    await by('import 4', (trx) => registerProfessional(trx, { ...doctor, familyName: 'MARTIN-ESSAI' }));
    await by('import 4', (trx) => registerStructure(trx, { structureId: '1990001014', name: 'Clinique d’essai', postalCode: '34000' }));
    await by('import 4', (trx) => registerStructure(trx, { structureId: '1990001014', name: 'Clinique d’essai' }));
    expect(await changesOf('professional', doctor.rpps)).toEqual([{ family_name: ['MARTIN', 'MARTIN-ESSAI'] }]);
    expect(await changesOf('structure', '1990001014')).toEqual([
      { name: ['Clinique de test', 'Clinique d’essai'], postal_code: [null, '34000'] },
    ]);
  });

  test('what is practised under an address, once it is there', async () => {
    const box = address('exercices@medecin.test.mssante.fr');
    await by('import 1', async (trx) => {
      await createAddress(trx, { address: box, type: 'PER', label: 'Dr', rpps: doctor.rpps });
      await setPractices(trx, box, [{ professionCode: '10', profession: 'Médecin' }, { skill: 'Gériatrie' }]);
    });
    expect(await linesOf('address', box)).toEqual([]);
    await by('import 2', (trx) => setPractices(trx, box, [{ professionCode: '10', profession: 'Médecin généraliste' }]));
    await by('import 3', (trx) =>
      setPractices(trx, box, [{ professionCode: '10', profession: 'Médecin généraliste' }, { skill: 'Allergologie' }]),
    );
    expect(await changesOf('address', box)).toEqual([
      { position: [null, 2], skill: [null, 'Allergologie'] },
      { position: [1, 1], profession: ['Médecin', 'Médecin généraliste'] },
      { position: [2, null], skill: ['Gériatrie', null] },
    ]);
  });

  test('requirement 38: whoever reads for somebody is told from the first day to the last', async () => {
    const [ward, guardian] = [await register(), await register()];
    const people = { ward: ward.ins, guardian: guardian.ins };
    const now = new Date('2026-11-22T08:00:00Z');
    await by('operator:jdupont', (trx) => attachProfile(trx, { ...people, kind: 'minor' }, now));
    await by('feed', (trx) => attachProfile(trx, { ...people, kind: 'minor', until: new Date('2030-01-01T00:00:00Z') }, now));
    await by('feed', (trx) => detachProfile(trx, people));
    const [detached, changed, attached] = await linesOf('profile', ward.id);
    expect(attached).toMatchObject({ by: 'operator:jdupont', change: { guardian_id: [null, guardian.id], kind: [null, 'minor'] } });
    expect(changed?.change).toEqual({ guardian_id: [guardian.id, guardian.id], until: [null, expect.stringContaining('2030-01-01')] });
    expect(detached?.change).toMatchObject({ guardian_id: [guardian.id, null], kind: ['minor', null] });
  });
});

test('a statement over thousands of rows leaves a line for each of them that changed', async () => {
  await sql`
    insert into citizens (ins, ins_arc, birth_name, first_given_name, birth_date, sex)
    select 'T' || lpad(g::text, 14, '0'), 10, 'FOULE', 'N' || g, '1980-01-01', 'M' from generate_series(1, 3000) g`.execute(database.db);
  await by('feed', (trx) => sql`update citizens set qualified = first_given_name like '%7' where birth_name = 'FOULE'`.execute(trx));
  const { rows } = await sql<{ lines: number; authors: number }>`
    select count(*) as lines, count(*) filter (where h.by = 'feed') as authors
    from directory_history h join citizens c on c.citizen_id::text = h.subject_id
    where h.subject_kind = 'citizen' and c.birth_name = 'FOULE' and h.change = '{"qualified": [false, true]}'`.execute(database.db);
  expect(rows).toEqual([{ lines: 300, authors: 300 }]);
});
