// Signing in, as far as the registry has a say: who may, and what it changes. Requirement 21.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHistory } from '../../directory/history.ts';
import { directoryMigrations } from '../../directory/migrations/set.ts';
import { registerAddress, registerCitizen, registerProfessional } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { DirectoryChanges } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { issueApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { accountsMigrations } from '../../src/accounts/migrations/set.ts';
import { authenticate } from '../../src/accounts/sign-in.ts';
import type { Address } from '../../src/core/address.ts';
import { insKey, parseIns } from '../../src/core/ins.ts';
import { address } from '../support/address.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { setState } from '../support/set-state.ts';

const domain = 'patient.mssante.fr';
const pepper = Buffer.alloc(32, 7);
const doctor = address('lea.martin@medecin.test.mssante.fr');

let database: TestDatabase;
let now = new Date('2026-11-22T10:00:00Z');
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations, mailboxesMigrations, accountsMigrations], 8);
  const { db } = database;
  await registerProfessional(db, { rpps: '99700101000', civility: 'Dr', familyName: 'TEST', givenName: 'Léa', profession: 'Médecin' });
  await registerAddress(db, { address: doctor, type: 'PER', label: 'Dr Léa TEST', rpps: '99700101000' });
});
afterAll(() => database.close());

let matricules = 0;
async function newCitizen(): Promise<{ citizen: Address; password: string }> {
  const body = `29001991${String(matricules++).padStart(5, '0')}`;
  const ins = parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
  const traits = { ins, birthName: 'FICTIF', firstGivenName: 'RUTH', birthDate: '1990-01-15', sex: 'F' } as const;
  const citizen = await registerCitizen(database.db, traits, domain);
  return { citizen, password: await issueApplicationPassword(database.db, pepper, citizen, 'test') };
}
const forgetful = () => new Resolver({ db: database.db, domain, changes: new DirectoryChanges(), maxEntries: 0 });
const signIn = (login: string, password: string, resolver = forgetful()) =>
  authenticate(
    {
      db: database.db,
      resolver,
      inTransaction: (work) => inTransaction(database.db, work),
      pepper,
      mailboxes: { citizensDomain: domain, quotaBytes: 1000 },
      clock: () => now,
    },
    login,
    password,
  );
const holderOf = async (one: Address) => (await resolveAddresses(database.db, domain, [one])).get(one);
const signInsOf = (one: Address) => database.db.selectFrom('sign_ins').selectAll().where('address', '=', one).executeTakeFirst();

describe('requirement 21: a citizen', () => {
  test('has no mailbox until the first sign-in, which makes it, activates it and is remembered', async () => {
    const { citizen, password } = await newCitizen();
    expect((await findMailboxes(database.db, [citizen])).size).toBe(0);
    // Twenty programs of theirs at once.
    const accounts = await Promise.all(Array.from({ length: 20 }, () => signIn(citizen.toUpperCase(), password)));
    const mailbox = (await findMailboxes(database.db, [citizen])).get(citizen);
    expect(mailbox).toMatchObject({ quotaBytes: 1000, receipts: 'always' });
    expect(accounts).toEqual(accounts.map(() => ({ address: citizen, mailboxId: mailbox?.mailboxId })));
    const holder = (await holderOf(citizen)) ?? expect.fail();
    expect(holder.registryState).toBe('activated');
    expect(await signInsOf(citizen)).toMatchObject({ first_at: now, last_at: now });
    const id = holder.kind === 'citizen' ? String(holder.citizenId) : '';
    expect(await readHistory(database.db, { kind: 'citizen', id }, 10)).toMatchObject([
      { by: 'sign-in', change: { state: ['created', 'activated'] } },
    ]);
  });

  test('who has closed or refused their mailbox does not come in, and none is made', async () => {
    for (const state of ['closed', 'opposed'] as const) {
      const { citizen, password } = await newCitizen();
      await setState(database.db, citizen, state);
      expect(await signIn(citizen, password)).toBeUndefined();
      expect((await findMailboxes(database.db, [citizen])).size).toBe(0);
      expect(await signInsOf(citizen)).toBeUndefined();
      await setState(database.db, citizen, 'reopened');
      expect(await signIn(citizen, password)).toMatchObject({ address: citizen });
      expect((await holderOf(citizen))?.registryState).toBe('activated');
    }
  });

  test('comes in, or does not, by what the registry says and not by what was remembered; its answer is remembered', async () => {
    const changes = new DirectoryChanges();
    changes.listening(); // and never hears
    const resolver = new Resolver({ db: database.db, domain, changes, maxEntries: 10 });
    const { citizen, password } = await newCitizen();
    expect(await signIn(citizen, password, resolver)).toMatchObject({ address: citizen });
    const remembered = async () => (await resolver.resolve([citizen])).get(citizen)?.state;
    await setState(database.db, citizen, 'closed');
    expect(await remembered()).toBe('active');
    expect(await signIn(citizen, password, resolver)).toBeUndefined();
    expect(await remembered()).toBe('closed');
    await setState(database.db, citizen, 'reopened');
    expect(await signIn(citizen, password, resolver)).toMatchObject({ address: citizen });
    expect(await remembered()).toBe('active');
  });

  test('whose mailbox is shut while they sign in is not let in, whichever is first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { citizen, password } = await newCitizen();
      const [account] = await Promise.all([signIn(citizen, password), setState(database.db, citizen, 'closed')]);
      expect((await holderOf(citizen))?.state).toBe('closed');
      // Let in before it was shut: sessions end then. Never activated again afterwards.
      if (account) expect(await signInsOf(citizen)).toBeDefined();
      expect(await signIn(citizen, password)).toBeUndefined();
    }
  });
});

describe('requirement 21: a professional', () => {
  const password = () => issueApplicationPassword(database.db, pepper, doctor, 'test');

  test('is written down once an hour', async () => {
    const typed = await password();
    const first = now;
    expect(await signIn(doctor, typed)).toMatchObject({ address: doctor });
    now = new Date(first.getTime() + 3_599_000);
    expect(await signIn(doctor, typed)).toMatchObject({ address: doctor });
    expect(await signInsOf(doctor)).toMatchObject({ first_at: first, last_at: first });
    now = new Date(first.getTime() + 3_600_000);
    await signIn(doctor, typed);
    expect(await signInsOf(doctor)).toMatchObject({ first_at: first, last_at: now });
    expect((await holderOf(doctor))?.registryState).toBe('active');
  });

  test('comes back from a suspension that silence brought, and is found in the book again; not from a decision', async () => {
    const typed = await password();
    const change = (values: object) => database.db.updateTable('addresses').set(values).where('address', '=', doctor).execute();
    await change({ state: 'suspended', suspended_for: 'idle', published: false, unpublished_for: 'idle' });
    expect(await signIn(doctor, 'abcd')).toBeUndefined();
    expect(await signIn(doctor, typed)).toMatchObject({ address: doctor });
    expect(await database.db.selectFrom('addresses').selectAll().where('address', '=', doctor).executeTakeFirst()).toMatchObject({
      state: 'reopened',
      suspended_for: null,
      published: true,
      unpublished_for: null,
    });
    await change({ state: 'suspended', suspended_for: 'decision' });
    expect(await signIn(doctor, typed)).toBeUndefined();
    expect((await holderOf(doctor))?.state).toBe('suspended');
    await change({ state: 'closed', suspended_for: null });
    expect(await signIn(doctor, typed)).toBeUndefined();
  });

  test('whose address is another operator’s, or nobody’s, has no mailbox here', async () => {
    const elsewhere = address('paul.durand@medecin.autre.mssante.fr');
    await registerAddress(database.db, { address: elsewhere, type: 'PER', label: 'Dr Paul', rpps: '99700101000' });
    await database.db.updateTable('addresses').set({ hosted: false }).where('address', '=', elsewhere).execute();
    for (const one of [elsewhere, address('personne@medecin.test.mssante.fr')]) {
      expect(await signIn(one, await issueApplicationPassword(database.db, pepper, one, 'test'))).toBeUndefined();
    }
    expect((await findMailboxes(database.db, [elsewhere])).size).toBe(0);
  });
});
