// When a citizen is told, at their ordinary address, that something waits: one notice a quiet period, and nothing is forgotten.
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findCitizens } from '../../directory/matricules.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { findFolder } from '../../mailboxes/folders.ts';
import { clearNoticePreference, recordNoticeAnswer, setNoticePreference } from '../../policies/notice-preferences.ts';
import { type Address, localPart } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';
import { beginNotice } from '../../src/delivery/begin-notice.ts';
import { noticePayload, noticeRowKind, oweNotices } from '../../src/delivery/notices.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people, townPolicies } from '../support/one-path.ts';
import { setState } from '../support/set-state.ts';

const hourMs = 3_600_000;
const quietMs = 24 * hourMs;
const { doctor, citizen, neighbour, elsewhere } = people;
const home = address('dominique@fournisseur.example');

let now = new Date('2026-11-22T08:00:00Z');
let town: Awaited<ReturnType<typeof openTown>>;
let [citizenId, neighbourId] = [0, 0];
beforeAll(async () => {
  town = await openTown({ policies: { ...townPolicies, notices: { quietMs } }, clock: () => now });
  const idOf = async (one: Address) => (await findCitizens(town.db, [localPart(one) as Ins])).get(localPart(one) as Ins) ?? 0;
  [citizenId, neighbourId] = [await idOf(citizen), await idOf(neighbour)];
});
afterAll(() => town.close());
beforeEach(async () => {
  await setNoticePreference(town.db, citizenId, { address: home, told: { letter: true, document: true, 'not-delivered': true } });
});
afterEach(async () => {
  for (const table of ['outbox', 'notices'] as const) await town.db.deleteFrom(table).execute();
  await readAll();
});

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
const send = async (to: Address[] = [citizen], extra = '') =>
  expect(await town.send(doctor, to, letter(doctor, extra))).toEqual({ do: 'accepted' });
const owe = (kind: 'letter' | 'document' | 'not-delivered' = 'letter') =>
  town.db.transaction().execute((trx) => oweNotices(trx, [{ citizenId, kind }], now, { quietMs }));
const begin = (dueAt: Date) => beginNotice(town.db, { citizenId, dueAt }, now, { quietMs, citizensDomain: 'patient.mssante.fr' });

/** The notices owed and not done, as their task is given them, with the instant before which none is begun. */
async function owed(): Promise<{ citizenId: number; dueAt: Date }[]> {
  const rows = await town.db
    .selectFrom('outbox')
    .select(['payload', 'next_attempt_at'])
    .where('kind', '=', noticeRowKind)
    .where('state', '=', 'waiting')
    .orderBy('next_attempt_at')
    .execute();
  return rows.map((row) => {
    const payload = noticePayload.parse(row.payload);
    expect(row.next_attempt_at.toISOString()).toBe(payload.dueAt);
    return { ...payload, dueAt: new Date(payload.dueAt) };
  });
}

/** What the worker does when a notice has been sent, or needs no sending. */
async function settle(dueAt: Date): Promise<void> {
  await town.db
    .updateTable('outbox')
    .set({ state: 'done', finished_at: now })
    .where('kind', '=', noticeRowKind)
    .where('next_attempt_at', '=', dueAt)
    .execute();
}

/** The INBOX as it would be after a letter came, or was read: only its counter is asked. */
async function setUnseen(count: number, db: Db = town.db): Promise<void> {
  const mailboxId = town.accounts.get(citizen) ?? 0;
  await sql`update folders set messages = greatest(messages, ${count}), unseen = ${count} where mailbox_id = ${mailboxId} and name = 'INBOX'`.execute(
    db,
  );
}

async function readAll(): Promise<void> {
  const mailboxId = town.accounts.get(citizen) ?? 0;
  const inbox = await findFolder(town.db, mailboxId, 'INBOX');
  const uids = (await town.inbox(citizen)).map(({ uid }) => uid);
  await storeFlags(town.db, town.wakeups, mailboxId, inbox?.folderId ?? 0, uids, { mode: 'add', flags: SystemFlag.Seen, keywords: [] });
}

describe('what owes a notice', () => {
  test('a letter to a citizen who gave an address; the row knows nothing of the letter', async () => {
    await send([citizen, neighbour]);
    expect(await town.owed(noticeRowKind)).toEqual([{ citizenId, dueAt: now.toISOString() }]);
  });

  test('nothing, without an address, with the kind turned off, or with an address that refused three notices', async () => {
    await send([neighbour]);
    await setNoticePreference(town.db, citizenId, { address: home, told: { letter: false } });
    await send();
    await setNoticePreference(town.db, citizenId, { address: home, told: { letter: true } });
    for (const _ of [1, 2, 3]) await town.db.transaction().execute((trx) => recordNoticeAnswer(trx, citizenId, home, 'refused'));
    await send();
    expect(await owed()).toEqual([]);
  });

  test('requirement 37: no automatic answer does, but the report that a letter of theirs did not arrive', async () => {
    await setNoticePreference(town.db, citizenId, { address: home, told: { letter: false } });
    const report = (action: string) =>
      [
        `From: <postmaster@autre.mssante.fr>\r\nTo: <${citizen}>\r\nSubject: Rapport\r\nMessage-ID: <${action}@autre>\r\nMIME-Version: 1.0\r\n`,
        'Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n',
        '--b\r\nContent-Type: text/plain\r\n\r\nVoici\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n',
        `Reporting-MTA: dns; mx.autre\r\n\r\nFinal-Recipient: rfc822; ${elsewhere}\r\nAction: ${action}\r\nStatus: 5.1.1\r\n\r\n--b--\r\n`,
      ].join('');
    const fromServer = (text: string) => town.sendAs(town.arrivalFrom(null, 'mx'), [citizen], text);
    expect(await fromServer(report('delivered'))).toEqual({ do: 'accepted' });
    expect(await fromServer(letter(elsewhere, 'Auto-Submitted: auto-replied\r\n'))).toEqual({ do: 'accepted' });
    expect(await owed()).toEqual([]);
    expect(await fromServer(report('failed'))).toEqual({ do: 'accepted' });
    expect(await owed()).toHaveLength(1);
  });

  test('a transaction that is undone owes nothing', async () => {
    await expect(
      town.db.transaction().execute(async (trx) => {
        await oweNotices(trx, [{ citizenId, kind: 'letter' }], now, { quietMs });
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await owed()).toEqual([]);
  });

  test('a gateway without a smarthost owes none, and asks nothing', async () => {
    const silent = await openTown();
    try {
      const ins = localPart(citizen) as Ins;
      const id = (await findCitizens(silent.db, [ins])).get(ins) ?? 0;
      await setNoticePreference(silent.db, id, { address: home, told: {} });
      expect(await silent.send(doctor, [citizen], letter(doctor))).toEqual({ do: 'accepted' });
      expect(await silent.owed(noticeRowKind)).toEqual([]);
    } finally {
      await silent.close();
    }
  });
});

describe('one notice a citizen and quiet period', () => {
  test('twenty letters before the notice has begun owe one, and those of the quiet period one more, at its end', async () => {
    await Promise.all(Array.from({ length: 20 }, () => send()));
    const [first, ...others] = await owed();
    expect(others).toEqual([]);
    expect(first).toBeDefined();
    later(60_000);
    expect(await begin(first?.dueAt ?? now)).toBe(home);
    await settle(first?.dueAt ?? now);
    const begunAt = now;
    later(hourMs);
    await Promise.all(Array.from({ length: 20 }, () => send()));
    expect(await owed()).toEqual([{ citizenId, dueAt: new Date(begunAt.getTime() + quietMs) }]);
  });

  test('the one at the end is not sent when everything was read meanwhile, and makes nothing quiet', async () => {
    await send();
    const [first] = await owed();
    await begin(first?.dueAt ?? now);
    await settle(first?.dueAt ?? now);
    later(hourMs);
    await send();
    later(quietMs);
    await readAll();
    const [second] = await owed();
    expect(await begin(second?.dueAt ?? now)).toBeUndefined();
    await settle(second?.dueAt ?? now);
    later(1000);
    await send();
    const [third, ...others] = await owed();
    expect(others).toEqual([]);
    expect(third?.dueAt).toEqual(now);
    expect(await begin(third?.dueAt ?? now)).toBe(home);
  });

  test('kinds share one quiet period: a letter, a document and a failure together are one notice', async () => {
    await owe('letter');
    await owe('document');
    await owe('not-delivered');
    expect(await owed()).toHaveLength(1);
  });

  test('an attempt that failed may be made again; the next notice then waits for the quiet period of the last attempt', async () => {
    await send();
    const [first] = await owed();
    expect(await begin(first?.dueAt ?? now)).toBe(home);
    later(hourMs);
    await send();
    later(22 * hourMs);
    expect(await begin(first?.dueAt ?? now)).toBe(home); // The smarthost was down, and has just come back.
    const tried = now;
    await settle(first?.dueAt ?? now);
    later(hourMs);
    const [second] = await owed();
    expect(await begin(second?.dueAt ?? now)).toBeUndefined();
    await settle(second?.dueAt ?? now);
    expect(await owed()).toEqual([{ citizenId, dueAt: new Date(tried.getTime() + quietMs) }]);
    // The process died before the row was settled: nothing more is owed.
    expect(await begin(second?.dueAt ?? now)).toBeUndefined();
    expect(await owed()).toHaveLength(1);
  });

  test('an event that commits while its notice is about to begin is seen by it', async () => {
    await owe();
    const [first] = await owed();
    let beginning: Promise<Address | undefined> | undefined;
    await town.db.transaction().execute(async (trx) => {
      expect(await oweNotices(trx, [{ citizenId, kind: 'letter' }], now, { quietMs })).toBe(0);
      beginning = begin(first?.dueAt ?? now);
      // The letter of this event is not read: it comes to the INBOX in this very transaction.
      await setUnseen(1, trx);
    });
    expect(await beginning).toBe(home);
    await setUnseen(0);
  });

  test('a notice that was lost keeps the next from being owed for a day, not for ever', async () => {
    await owe();
    await town.db.deleteFrom('outbox').execute();
    later(hourMs);
    expect(await owe()).toBe(0);
    later(24 * hourMs);
    expect(await owe()).toBe(1);
  });

  test('whatever happens in whatever order: never two within the quiet period, never more than one to come, no event without one after it', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('event' as const, 'read' as const) },
      // Clocks of two processes differ a little: time may even seem to go back.
      { weight: 3, arbitrary: fc.integer({ min: -20, max: 2 * quietMs }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        for (const table of ['outbox', 'notices'] as const) await town.db.deleteFrom(table).execute();
        await setUnseen(0);
        const begun: number[] = [];
        let isTold = true;
        for (const one of steps) {
          if (one === 'event') {
            await setUnseen(1);
            await owe();
            isTold = false;
          } else if (one === 'read') {
            await setUnseen(0);
            isTold = true;
          } else {
            later(one);
            for (const { dueAt } of await owed()) {
              if (dueAt > now) continue;
              if ((await begin(dueAt)) !== undefined) {
                begun.push(now.getTime());
                isTold = true;
              }
              await settle(dueAt);
            }
          }
          const toCome = await owed();
          expect(toCome.length).toBeLessThanOrEqual(1);
          if (!isTold) expect(toCome).toHaveLength(1);
        }
        for (const [at, moment] of begun.entries()) if (at > 0) expect(moment - (begun[at - 1] ?? 0)).toBeGreaterThanOrEqual(quietMs);
      }),
      { numRuns: 25 },
    );
    await setUnseen(0);
  });
});

describe('asked when the notice begins', () => {
  test('who turned notices off, forgot the address, or lost the mailbox since, is not written to', async () => {
    await send();
    const [first] = await owed();
    const dueAt = first?.dueAt ?? now;
    await setNoticePreference(town.db, citizenId, { address: home, told: { letter: false, document: false, 'not-delivered': false } });
    expect(await begin(dueAt)).toBeUndefined();
    await clearNoticePreference(town.db, citizenId);
    expect(await begin(dueAt)).toBeUndefined();
    await setNoticePreference(town.db, citizenId, { address: home, told: {} });
    await setState(town.db, citizen, 'closed');
    expect(await begin(dueAt)).toBeUndefined();
    await setState(town.db, citizen, 'reopened');
    expect(await begin(dueAt)).toBe(home);
  });

  test('a new address is written to, not the one of the time of the letter; a citizen nobody wrote to has no notice', async () => {
    await send();
    const [first] = await owed();
    const moved = address('dominique@ailleurs.example');
    await setNoticePreference(town.db, citizenId, { address: moved, told: {} });
    expect(await begin(first?.dueAt ?? now)).toBe(moved);
    expect(
      await beginNotice(town.db, { citizenId: neighbourId, dueAt: now }, now, { quietMs, citizensDomain: 'patient.mssante.fr' }),
    ).toBeUndefined();
  });
});
