import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  checkApplicationPassword,
  issueApplicationPassword,
  withdrawApplicationPasswords,
} from '../../src/accounts/application-passwords.ts';
import { accountsMigrations } from '../../src/accounts/migrations/set.ts';
import { loadPepper } from '../../src/accounts/pepper.ts';
import { parseAddress } from '../../src/core/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const doctor = parseAddress('lea.martin@medecin.test.mssante.fr') ?? expect.fail('not an address');
const pepper = Buffer.alloc(32, 7);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([accountsMigrations]);
});
afterAll(() => database.close());

test('a generated password is its own address’s, typed with or without its dashes', async () => {
  const { db } = database;
  const password = await issueApplicationPassword(db, pepper, doctor, 'Thunderbird');
  expect(password).toMatch(/^(?:[a-z2-9]{4}-){6}[a-z2-9]{2}$/);
  for (const typed of [password, password.replaceAll('-', ''), password.toUpperCase(), ` ${password} `]) {
    expect(await checkApplicationPassword(db, pepper, doctor.toUpperCase(), typed)).toBe(doctor);
  }
});

test('a wrong password, a wrong address, another pepper and nonsense are all answered alike', async () => {
  const { db } = database;
  const password = await issueApplicationPassword(db, pepper, doctor, 'Outlook');
  const wrong = password.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'));
  expect(await checkApplicationPassword(db, pepper, doctor, wrong)).toBeUndefined();
  expect(await checkApplicationPassword(db, pepper, 'paul.durand@medecin.test.mssante.fr', password)).toBeUndefined();
  expect(await checkApplicationPassword(db, Buffer.alloc(32, 8), doctor, password)).toBeUndefined();
  for (const nonsense of ['', "' or 1=1 --", 'x'.repeat(100_000), '\0'])
    expect(await checkApplicationPassword(db, pepper, doctor, nonsense)).toBeUndefined();
});

test('neither the password nor anything that opens the mailbox is in the database', async () => {
  const { db } = database;
  const password = (await issueApplicationPassword(db, pepper, doctor, 'iPhone')).replaceAll('-', '');
  const rows = JSON.stringify(await db.selectFrom('application_passwords').selectAll().execute());
  expect(rows).not.toContain(password);
});

test('withdrawn passwords open nothing', async () => {
  const { db } = database;
  const password = await issueApplicationPassword(db, pepper, doctor, 'perdu');
  expect(await withdrawApplicationPasswords(db, doctor)).toBeGreaterThan(0);
  expect(await checkApplicationPassword(db, pepper, doctor, password)).toBeUndefined();
});

test('the pepper is made once, for its owner’s eyes, and a damaged one is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pepper-'));
  const file = join(folder, 'pepper');
  const [first, second] = await Promise.all([loadPepper(file), loadPepper(file)]);
  expect(first).toEqual(second);
  expect(first).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await loadPepper(file)).toEqual(first);
  await writeFile(file, (await readFile(file, 'utf8')).slice(1));
  await expect(loadPepper(file)).rejects.toThrow('64 hexadecimal');
  await rm(folder, { recursive: true });
});
