// Mailboxes that come with their first letter; and what the doors remember of the registry, which a commit never relies on.
// Requirements 21, 36, 37.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeState } from '../../directory/change-state.ts';
import { insOf } from '../../directory/citizen-addresses.ts';
import { lockCitizens } from '../../directory/feed/write-image.ts';
import { findCitizens, replaceMatricule } from '../../directory/matricules.ts';
import { registerAddress, registerCitizen, registerProfessional } from '../../directory/registry.ts';
import { resolveAddresses } from '../../directory/resolve-addresses.ts';
import { DirectoryChanges } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import { noteSignIn } from '../../directory/sign-ins.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { findMailboxes } from '../../mailboxes/mailbox.ts';
import { recount } from '../../mailboxes/recount.ts';
import { setFirstContact } from '../../policies/first-contacts.ts';
import { giveMailboxes } from '../../src/accounts/give-mailboxes.ts';
import { moveAccounts } from '../../src/accounts/move-accounts.ts';
import type { Address } from '../../src/core/address.ts';
import { type Ins, insKey, parseIns } from '../../src/core/ins.ts';
import { OnePath, type OnePathParts } from '../../src/delivery/one-path.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people } from '../support/one-path.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';

const { doctor, colleague, citizen } = people;
const accepted = { do: 'accepted' };
const domain = 'patient.mssante.fr';

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

let matricules = 0;
function newIns(): Ins {
  const body = `29001991${String(matricules++).padStart(5, '0')}`;
  return parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
}
const register = (ins = newIns()) =>
  registerCitizen(town.db, { ins, birthName: 'FICTIF', firstGivenName: 'RUTH', birthDate: '1990-01-15', sex: 'F' }, domain);
async function lettersOf(one: Address): Promise<number | undefined> {
  const mailbox = (await findMailboxes(town.db, [one])).get(one);
  if (!mailbox) return undefined;
  const folder = await town.db.selectFrom('folders').select('messages').where('folder_id', '=', mailbox.inboxId).executeTakeFirst();
  return folder?.messages;
}
/** Statements that wait for a lock. */
const waiting = async () =>
  (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(town.db)).rows.length;
const tallies = () => town.db.selectFrom('tallies').selectAll().execute();

describe('requirement 21: a mailbox comes with its first letter', () => {
  test('a citizen who never signed in is given it, and has not become a guess', async () => {
    const one = await register();
    expect(await lettersOf(one)).toBeUndefined();
    expect(await town.path.judgeRecipient(town.arrivalFrom(doctor), one)).toMatchObject({ do: 'accept' });
    expect(await lettersOf(one)).toBeUndefined();
    expect(await town.send(doctor, [one, citizen], letter(doctor))).toEqual(accepted);
    expect(await lettersOf(one)).toBe(1);
    expect((await findMailboxes(town.db, [one])).get(one)).toMatchObject({ quotaBytes: 50 * 1024 * 1024, receipts: 'always' });
    expect(await town.send(doctor, [one], letter(doctor))).toEqual(accepted);
    expect(await lettersOf(one)).toBe(2);
    expect(await tallies()).toEqual([]);
    expect((await town.owed('send-report')).length).toBe(0);
  });

  test('many at once, of two gateways that know nothing of each other, in different orders', async () => {
    const other = secondPath();
    const many = await Promise.all(Array.from({ length: 12 }, () => register()));
    const send = async (path: OnePath, to: readonly Address[]) => {
      const arrival = town.arrivalFrom(doctor);
      for (const one of to) expect(await path.judgeRecipient(arrival, one)).toMatchObject({ do: 'accept' });
      return path.deliver(
        arrival,
        to.map((one) => ({ address: one })),
        text(letter(doctor)),
      );
    };
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) => send(n % 2 ? other : town.path, n % 3 ? many : many.toReversed())),
    );
    expect(outcomes).toEqual(outcomes.map(() => accepted));
    for (const one of many) expect(await lettersOf(one)).toBe(8);
    expect(await recount(town.db)).toEqual([]);
  });

  test('a professional’s too; and what may be used only so often is used once, though the mailbox was not there to be locked', async () => {
    const cabinet = address('cabinet@medecin.test.mssante.fr');
    const rpps = '99700101009';
    await registerProfessional(town.db, { rpps, civility: 'Dr', familyName: 'NEUF', givenName: 'Zoé', profession: 'Médecin' });
    await registerAddress(town.db, { address: cabinet, type: 'CAB', label: 'Cabinet', rpps });
    await setFirstContact(town.db, cabinet, { audience: 'everyone', dailyLimit: 1 });
    const other = secondPath();
    const send = async (path: OnePath) => {
      const arrival = town.arrivalFrom(citizen);
      await path.judgeRecipient(arrival, cabinet);
      return path.deliver(arrival, [{ address: cabinet }], text(letter(citizen)));
    };
    const outcomes = await Promise.all([send(town.path), send(other), send(town.path), send(other)]);
    expect(outcomes.filter((outcome) => outcome.do === 'accepted')).toHaveLength(1);
    expect(await lettersOf(cabinet)).toBe(1);
    const roles = await town.db.selectFrom('folders').select('role').where('role', 'is not', null).execute();
    expect(roles.length).toBeGreaterThan(0);
  });

  test('one letter to both addresses of a citizen without a mailbox is given once; the mailbox has both', async () => {
    const [nia, nir] = [newIns(), newIns()];
    const before = await register(nia);
    await town.db.transaction().execute((trx) => replaceMatricule(trx, nia, nir));
    const after = address(`${nir}@${domain}`);
    expect(await town.send(doctor, [before, after], letter(doctor))).toEqual(accepted);
    expect(await lettersOf(after)).toBe(1);
    expect((await findMailboxes(town.db, [before])).get(before)?.address).toBe(after);
  });

  test('a mailbox that stands under a former matricule alone is found, not made again', async () => {
    const [nia, nir] = [newIns(), newIns()];
    const before = await register(nia);
    await town.send(doctor, [before], letter(doctor));
    // As a feed does it, which knows nothing of mailboxes.
    await town.db.transaction().execute((trx) => replaceMatricule(trx, nia, nir));
    const after = address(`${nir}@${domain}`);
    expect(await town.send(doctor, [after], letter(doctor))).toEqual(accepted);
    expect(await lettersOf(after)).toBe(2);
    expect(await lettersOf(before)).toBe(2);
  });

  test('a matricule that is replaced while the first letter is being committed does not leave the citizen with two mailboxes', async () => {
    const [nia, nir] = [newIns(), newIns()];
    const before = await register(nia);
    const after = address(`${nir}@${domain}`);
    let commit = () => undefined as unknown;
    const held = new Promise<void>((resolve) => {
      commit = () => resolve();
    });
    const done = { writing: false, replacing: false, sending: false };
    const slow = secondPath({
      inTransaction: (work) =>
        inTransaction(town.db, async (trx) => {
          const result = await work(trx);
          done.writing = true;
          await held;
          return result;
        }),
    });
    const arrival = town.arrivalFrom(doctor);
    await slow.judgeRecipient(arrival, before);
    const first = slow.deliver(arrival, [{ address: before }], text(letter(doctor)));
    await until('the letter is written, and not committed', () => done.writing);
    // As the command and the feeds do it; it finds no mailbox to take along.
    const replacing = inTransaction(town.db, async (trx) => {
      const citizenId = (await findCitizens(trx, [nia])).get(nia) ?? 0;
      await moveAccounts(trx, domain, [{ citizenId, to: nir }]);
      await replaceMatricule(trx, nia, nir);
    }).finally(() => {
      done.replacing = true;
    });
    await until('it is replaced, or waits', async () => done.replacing || (await waiting()) === 1);
    const second = town.send(doctor, [before], letter(doctor)).finally(() => {
      done.sending = true;
    });
    await until('it is sent, or waits', async () => done.sending || (await waiting()) === (done.replacing ? 1 : 2));
    commit();
    await Promise.all([first, replacing, second]);
    expect(await town.send(doctor, [after], letter(doctor))).toEqual(accepted);
    const found = await findMailboxes(town.db, [before, after]);
    expect(found.get(before)?.mailboxId).toBe(found.get(after)?.mailboxId);
    expect(await lettersOf(after)).toBe(3);
    const rows = await town.db.selectFrom('mailboxes').select('address').where('address', 'in', [before, after]).execute();
    expect(rows).toEqual([{ address: after }]);
  });

  test('letters of several gateways, first sign-ins and new matricules at once: one mailbox each, with every letter in it', async () => {
    const citizens = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const names = [newIns(), newIns(), newIns()] as const;
        await register(names[0]);
        return { names, addresses: names.map((ins) => address(`${ins}@${domain}`)) };
      }),
    );
    const move = (from: Ins, to: Ins) =>
      inTransaction(town.db, async (trx) => {
        const citizenId = (await findCitizens(trx, [from])).get(from) ?? 0;
        await moveAccounts(trx, domain, [{ citizenId, to }]);
        await replaceMatricule(trx, from, to);
      });
    const paths = [town.path, secondPath(), secondPath()];
    const first = citizens.map(({ addresses }) => addresses[0] ?? expect.fail());
    const send = async (path: OnePath, to: readonly Address[]) => {
      const arrival = town.arrivalFrom(doctor);
      for (const one of [...to, colleague]) await path.judgeRecipient(arrival, one);
      const envelope = [...to, colleague].map((one) => ({ address: one }));
      expect(await path.deliver(arrival, envelope, text(letter(doctor)))).toEqual(accepted);
    };
    await Promise.all([
      ...paths.flatMap((path) => [send(path, first), send(path, first.toReversed()), send(path, first.slice(2))]),
      ...citizens.map(async ({ names: [one, two, three] }) => {
        await move(one, two);
        await move(two, three);
      }),
      ...first.map((one) =>
        inTransaction(town.db, async (trx) => {
          const holders = await resolveAddresses(trx, domain, [one]);
          await giveMailboxes(trx, { citizensDomain: domain, quotaBytes: 1_000_000 }, [...holders.values()]);
          await noteSignIn(trx, domain, one, new Date());
        }),
      ),
    ]);
    for (const [at, { addresses }] of citizens.entries()) {
      const now = addresses[2] ?? expect.fail();
      // Whoever signs in or is written to next finds the mailbox, under whatever name it stands.
      await send(town.path, [now]);
      expect(await lettersOf(now)).toBe((at < 2 ? 6 : 9) + 1);
      const rows = await town.db.selectFrom('mailboxes').select('address').where('address', 'in', addresses).execute();
      expect(rows).toEqual([{ address: now }]);
    }
    expect(await recount(town.db)).toEqual([]);
  });

  test('a registry that is being changed does not make first letters wait', async () => {
    const [one, other] = [await register(), await register()];
    await inTransaction(town.db, async (trx) => {
      await changeState(trx, domain, one, 'activated');
      const ins = insOf(other, domain) ?? expect.fail();
      await lockCitizens(trx, [(await findCitizens(trx, [ins])).get(ins) ?? 0], false);
      expect(await town.send(doctor, [one, other], letter(doctor))).toEqual(accepted);
    });
    expect([await lettersOf(one), await lettersOf(other)]).toEqual([1, 1]);
  });

  test('a letter that is too large for the new mailbox leaves no mailbox behind, and waits', async () => {
    const small = secondPath({ quotaBytes: 10 });
    const one = await register();
    const arrival = town.arrivalFrom(doctor);
    await small.judgeRecipient(arrival, one);
    expect(await small.deliver(arrival, [{ address: one }], text(letter(doctor)))).toMatchObject({ do: 'defer', code: 'mailbox-full' });
    expect(await lettersOf(one)).toBeUndefined();
  });
});

describe('requirements 36, 37: who is unknown or shut gets no mailbox, and counts as a guess', () => {
  test.each(['opposed', 'closed'] as const)('%s, before RCPT and after it', async (state) => {
    await town.db.deleteFrom('tallies').execute();
    const [before, meanwhile] = [await register(), await register()];
    await setState(town.db, before, state);
    expect(await town.send(doctor, [before], letter(doctor))).toEqual(accepted);
    const shut = () => setState(town.db, meanwhile, state);
    expect(await town.sendAs(town.arrivalFrom(doctor), [meanwhile], letter(doctor), shut)).toEqual(accepted);
    expect([await lettersOf(before), await lettersOf(meanwhile)]).toEqual([undefined, undefined]);
    expect((await tallies()).map(({ total }) => total)).toEqual([2]);
  });

  test('past the number, a citizen without a mailbox yet is as far away as one who does not exist', async () => {
    await town.db.deleteFrom('tallies').execute();
    const arrival = town.arrivalFrom(colleague);
    for (let n = 0; n < 20; n += 1) await town.send(colleague, [address(`${newIns()}@${domain}`)], letter(colleague));
    for (const one of [await register(), address(`${newIns()}@${domain}`)]) {
      expect(await town.path.judgeRecipient(arrival, one)).toMatchObject({ do: 'defer', code: 'too-many-unknown-citizens' });
    }
    await town.db.deleteFrom('tallies').execute();
  });
});

describe('requirement 21: a door may remember for a moment, a commit never', () => {
  test('a recipient and a sender who were shut elsewhere: refused, though this process has heard nothing yet', async () => {
    // It believes that it hears, and never does: the moment before a notification comes, as long as a test wants it.
    const deaf = secondPath({ hears: true });
    const one = await register();
    const arrival = town.arrivalFrom(doctor);
    expect(await deaf.judgeRecipient(arrival, one)).toMatchObject({ do: 'accept' });
    await setState(town.db, one, 'opposed');
    expect(await deaf.judgeRecipient(town.arrivalFrom(doctor), one)).toMatchObject({ do: 'accept' });
    expect(await deaf.deliver(arrival, [{ address: one }], text(letter(doctor)))).toEqual(accepted);
    expect(await lettersOf(one)).toBeUndefined();
    expect((await town.owed('send-report')).at(-1)).toMatchObject({ recipients: [{ address: one, code: 'citizen-mailbox-closed' }] });

    const late = town.arrivalFrom(colleague);
    expect(await deaf.judgeSender(late)).toMatchObject({ do: 'accept' });
    expect(await deaf.judgeRecipient(late, citizen)).toMatchObject({ do: 'accept' });
    await setState(town.db, colleague, 'suspended');
    expect(await deaf.judgeSender(town.arrivalFrom(colleague))).toMatchObject({ do: 'accept' });
    expect(await deaf.deliver(late, [{ address: citizen }], text(letter(colleague)))).toMatchObject({
      do: 'refuse',
      code: 'sender-closed',
    });
    // Whoever asks the registry hears it at MAIL.
    expect(await town.path.judgeSender(town.arrivalFrom(colleague))).toMatchObject({ do: 'refuse', code: 'sender-closed' });
    expect(await town.path.explain(colleague, citizen)).toMatchObject({ verdict: { code: 'sender-closed' } });
    await setState(town.db, colleague, 'reopened');
  });

  test('whoever has just come back from a suspension writes at once, though word of it has not come yet', async () => {
    const deaf = secondPath({ hears: true });
    await setState(town.db, colleague, 'suspended');
    expect(await deaf.judgeSender(town.arrivalFrom(colleague))).toMatchObject({ do: 'refuse', code: 'sender-closed' });
    await setState(town.db, colleague, 'reopened');
    const arrival = town.arrivalFrom(colleague);
    expect(await deaf.judgeSender(arrival)).toMatchObject({ do: 'accept' });
    expect(await deaf.judgeRecipient(arrival, citizen)).toMatchObject({ do: 'accept' });
    expect(await deaf.deliver(arrival, [{ address: citizen }], text(letter(colleague)))).toEqual(accepted);
  });

  test('an address that is nobody’s is asked for once', async () => {
    const changes = new DirectoryChanges();
    let answers = 0;
    const counting = town.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        answers += 1;
        return result;
      },
    });
    changes.listening();
    const resolver = new Resolver({ db: counting, domain, changes, maxEntries: 100 });
    const path = secondPath({ resolver, db: counting });
    const unknown = address('personne@medecin.test.mssante.fr');
    const ask = () => path.judgeRecipient(town.arrivalFrom(people.elsewhere, 'mx'), unknown);
    expect(await ask()).toMatchObject({ do: 'refuse', code: 'address-unknown' });
    const once = answers;
    expect(once).toBeGreaterThan(0);
    for (let n = 0; n < 10; n += 1) expect(await ask()).toMatchObject({ do: 'refuse', code: 'address-unknown' });
    expect(answers).toBe(once);
  });
});

type Second = Partial<Pick<OnePathParts, 'quotaBytes' | 'resolver' | 'db' | 'inTransaction'>> & { readonly hears?: boolean };

/** Another gateway's path, on the same database. */
function secondPath({ hears = false, db = town.db, ...parts }: Second = {}): OnePath {
  const changes = new DirectoryChanges();
  if (hears) changes.listening();
  return new OnePath({
    ...town.parts,
    db,
    inTransaction: (work) => inTransaction(db, work),
    resolver: new Resolver({ db, domain, changes, maxEntries: 100 }),
    ...parts,
  });
}

async function* text(letter: string): AsyncIterable<Buffer> {
  yield Buffer.from(letter);
}
