// A matricule is replaced: the software of the person goes on working under the new name, with the passwords it has.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import {
  checkApplicationPassword,
  issueApplicationPassword,
  withdrawApplicationPasswords,
} from '../../src/accounts/application-passwords.ts';
import { accountsMigrations } from '../../src/accounts/migrations/set.ts';
import { renameLogins } from '../../src/accounts/rename-login.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const pepper = Buffer.alloc(32, 7);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([mailboxesMigrations, accountsMigrations]);
});
afterAll(() => database.close());

let named = 0;
/** A name with a mailbox, so that a password that is right opens something. */
async function someone(): Promise<Address> {
  named += 1;
  const address = parseAddress(`personne-${named}@patient.test.mssante.fr`) ?? expect.fail('not an address');
  await createMailbox(database.db, address, 1_000_000, 'citizen');
  return address;
}

const rename = (from: Address, to: Address) => database.db.transaction().execute((trx) => renameLogins(trx, [{ from, to }]));
const opens = async (login: Address, password: string) => checkApplicationPassword(database.db, pepper, login, password);

test('the password of before opens under the new name, and no longer under the old one', async () => {
  const [before, after] = [await someone(), await someone()];
  const password = await issueApplicationPassword(database.db, pepper, before, 'Thunderbird');
  expect(await rename(before, after)).toBe(1);
  expect(await opens(after, password)).toBe(after);
  expect(await opens(before, password)).toBeUndefined();
});

test('a password made under the new name opens, and all are withdrawn together', async () => {
  const [before, after] = [await someone(), await someone()];
  const old = await issueApplicationPassword(database.db, pepper, before, 'Thunderbird');
  await rename(before, after);
  const young = await issueApplicationPassword(database.db, pepper, after, 'iPhone');
  expect([await opens(after, old), await opens(after, young)]).toEqual([after, after]);
  expect(await withdrawApplicationPasswords(database.db, after)).toBe(2);
  expect([await opens(after, old), await opens(after, young)]).toEqual([undefined, undefined]);
});

test('names may change again, and back again', async () => {
  const [first, second, third] = [await someone(), await someone(), await someone()];
  const password = await issueApplicationPassword(database.db, pepper, first, 'Thunderbird');
  for (const [from, to] of [
    [first, second],
    [second, third],
    [third, first],
    [first, second],
  ] as const) {
    expect(await rename(from, to)).toBe(1);
    expect(await opens(to, password)).toBe(to);
    expect(await opens(from, password)).toBeUndefined();
  }
});

test('a password issued to the new name before it was theirs opens nothing', async () => {
  const [before, after] = [await someone(), await someone()];
  const strangers = await issueApplicationPassword(database.db, pepper, after, 'autre');
  await rename(before, after);
  expect(await opens(after, strangers)).toBeUndefined();
});

test('giving a login its own name changes nothing', async () => {
  const same = await someone();
  const password = await issueApplicationPassword(database.db, pepper, same, 'Thunderbird');
  await rename(same, same);
  expect(await opens(same, password)).toBe(same);
});
