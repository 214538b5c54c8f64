// What other processes are told of changes, in the words of PostgreSQL's NOTIFY: which answers to forget, and no matricule.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAddress, updateAddress } from '../../directory/addresses.ts';
import { changeState } from '../../directory/change-state.ts';
import { citizenAddress } from '../../directory/citizen-addresses.ts';
import { replaceMatricule } from '../../directory/matricules.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { createCitizen, registerProfessional } from '../../directory/registry.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import type { Trx } from '../../src/database/tables.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let listener: pg.Client;
let heard: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
  await registerProfessional(database.db, {
    rpps: '99700101005',
    civility: 'Dr',
    familyName: 'MARTIN',
    givenName: 'Léa',
    profession: 'Médecin',
  });
  listener = new pg.Client({ ...database.connection });
  await listener.connect();
  listener.on('notification', ({ payload = '' }) => heard.push(payload));
  await listener.query('listen passerelle_directory');
});
afterAll(async () => {
  await listener.end();
  await database.close();
});
beforeEach(() => {
  heard = [];
});

const domain = 'patient.mssante.fr';
let bodies = 2_790_399_300_000;
function matricule(): Ins {
  const body = String(++bodies);
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}
const traits = { birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' as const };
const register = async (ins = matricule()) => {
  await createCitizen(database.db, { ins, ...traits });
  return ins;
};
const inTrx = <T>(work: (trx: Trx) => Promise<T>) => database.db.transaction().execute(work);
const keyOf = (word: string) => createHash('md5').update(word).digest('hex').slice(0, 16);
const keysOf = (...words: string[]) => words.map(keyOf).sort().join(' ');
/** What was told since the last time, in order; sent through one queue, a mark comes after all that went before it. */
async function told(): Promise<string[]> {
  await sql`notify passerelle_directory, 'mark'`.execute(database.db);
  await until('the mark is heard', () => heard.at(-1) === 'mark');
  const payloads = heard.slice(0, -1);
  heard = [];
  return payloads.map((payload) => payload.split(' ').sort().join(' '));
}

test('a citizen is registered: whoever remembered that the address is nobody’s forgets it', async () => {
  const ins = await register();
  expect(await told()).toEqual([keyOf(ins)]);
  await register(ins);
  expect(await told()).toEqual([]);
});

test('a citizen’s mailbox is closed under all their matricules; a new one says the old and the new', async () => {
  const [nia, nir] = [await register(), matricule()];
  await told();
  await inTrx((trx) => replaceMatricule(trx, nia, nir));
  expect(new Set((await told()).join(' ').split(' '))).toEqual(new Set([keyOf(nia), keyOf(nir)]));
  await inTrx((trx) => changeState(trx, domain, citizenAddress(nir, domain), 'closed'));
  expect(await told()).toEqual([keysOf(nia, nir)]);
});

test('what changes no answer is not told, nor what was taken back', async () => {
  const ins = await register();
  await told();
  await sql`update citizens set qualified = true, birth_place = '51215', used_name = 'AUTRE' where ins = ${ins}`.execute(database.db);
  await inTrx(async (trx) => {
    await changeState(trx, domain, citizenAddress(ins, domain), 'closed');
    throw new Error('lost');
  }).catch(() => undefined);
  expect(await told()).toEqual([]);
});

test('a professional’s mailbox: opened, renamed, shut; its practices and its papers are nobody’s business', async () => {
  const box = address('lea.martin@medecin.test.mssante.fr');
  await inTrx((trx) => createAddress(trx, { address: box, type: 'PER', label: 'Dr Léa MARTIN', rpps: '99700101005' }));
  expect(await told()).toEqual([keyOf(box)]);
  await inTrx((trx) => updateAddress(trx, box, { label: 'Dr Léa MARTIN, le matin' }));
  expect(await told()).toEqual([keyOf(box)]);
  await inTrx((trx) => updateAddress(trx, box, { description: 'Cabinet', paperless: true }));
  expect(await told()).toEqual([]);
  await inTrx((trx) => changeState(trx, domain, box, 'suspended'));
  expect(await told()).toEqual([keyOf(box)]);
  await database.db.deleteFrom('addresses').where('address', '=', box).execute();
  expect(await told()).toEqual([keyOf(box)]);
});

test('mailboxes of other operators are listed without a word, until they become ours', async () => {
  const box = address('ailleurs@autre.test.mssante.fr');
  await database.db
    .insertInto('addresses')
    .values({ address: box, type: 'PER', label: 'Dr', rpps: '99700101005', hosted: false })
    .execute();
  await database.db.updateTable('addresses').set({ label: 'Dr X' }).where('address', '=', box).execute();
  expect(await told()).toEqual([]);
  expect(await inTrx((trx) => createAddress(trx, { address: box, type: 'PER', label: 'Dr', rpps: '99700101005' }))).toBe('created');
  expect(await told()).toEqual([keyOf(box)]);
});

test('three hundred at once are named, more are everything; a payload never holds a matricule', async () => {
  const insert = (from: number, to: number) =>
    sql`insert into citizens (ins, ins_arc, birth_name, first_given_name, birth_date, sex)
      select '2800175' || lpad(g::text, 8, '0'), 8, 'FOULE', 'N', '1980-01-01', 'F' from generate_series(${from}::int, ${to}::int) g`.execute(
      database.db,
    );
  await insert(1, 300);
  const [named, ...others] = await told();
  expect(others).toEqual([]);
  expect(named?.split(' ')).toHaveLength(300);
  expect(named).toContain(keyOf('280017500000300'));
  expect(named).not.toContain('280017500000');
  await insert(1001, 1301);
  expect(await told()).toEqual(['*']);
  await sql`update citizens set state = 'closed' where birth_name = 'FOULE'`.execute(database.db);
  expect(await told()).toEqual(['*']);
});
