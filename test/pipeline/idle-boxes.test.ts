// The daily review of mailboxes that nobody opens, through the real queue: one letter a silence, in the mailbox itself. Requirement 21.
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHistory } from '../../directory/history.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { addToOutbox } from '../../src/delivery/outbox.ts';
import { idleNotice } from '../../src/pipeline/tasks/send-idle-notice.ts';
import { people } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { openWorkingTown, type WorkingTown } from './working-town.ts';

const { doctor, colleague, retired, citizen } = people;
const dayMs = 24 * 3_600_000;

let town: WorkingTown;
beforeEach(async () => {
  town = await openWorkingTown({ idle: { noticeMs: 365 * dayMs, suspendMs: 548 * dayMs, unpublishMs: 730 * dayMs } });
});
afterEach(() => town.close());

/** Lets days pass, and the review of the day they lead to be done. */
async function passDays(days: number) {
  town.pass(days * 24);
  await town.work();
  await until('the day’s review is done', async () => {
    const rows = await town.db.selectFrom('outbox').select(['state', 'created_at']).where('kind', '=', 'review-idle-boxes').execute();
    return rows.some(({ state, created_at }) => state === 'done' && town.services.clock().getTime() - created_at.getTime() < dayMs);
  });
  await town.isQuiet();
  await town.rest();
}
const lettersTo = async (whom: typeof doctor) => Promise.all((await town.inbox(whom)).map(({ bytes }) => simpleParser(bytes)));
const stateOf = (whom: typeof doctor) =>
  town.db.selectFrom('addresses').select(['state', 'published']).where('address', '=', whom).executeTakeFirst();

test('requirement 21: a mailbox nobody opens is written to once, then refuses letters, then leaves the address book', async () => {
  await passDays(364);
  expect(await lettersTo(doctor)).toEqual([]);
  await passDays(2);
  await passDays(1);
  const [letter, ...others] = await lettersTo(doctor);
  expect(others).toEqual([]);
  expect(letter?.subject).toBe("Votre messagerie n'est plus consultée");
  expect(letter?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(letter?.text).toContain(`La messagerie ${doctor} n'a pas été ouverte depuis le `);
  expect(letter?.text).toMatch(/À partir du \p{L}+ \d+(?:er)? \p{L}+ \d{4}, elle sera suspendue/u);
  expect(letter?.text).toMatch(/À partir du \p{L}+ \d+(?:er)? \p{L}+ \d{4}, elle n'apparaîtra plus dans l'annuaire/u);
  // Citizens read when they like, and who has closed their mailbox is not written to.
  expect(await lettersTo(citizen)).toEqual([]);
  expect(await stateOf(retired)).toEqual({ state: 'closed', published: true });
  await passDays(548 - 367 + 2);
  expect(await stateOf(doctor)).toEqual({ state: 'suspended', published: true });
  expect(await town.sendAs(town.arrivalFrom(colleague), [doctor], 'Subject: Essai\r\n\r\nBonjour\r\n')).toMatchObject({ do: 'refuse' });
  const [line] = await readHistory(town.db, { kind: 'address', id: doctor }, 1);
  expect(line).toMatchObject({ by: 'review-idle-boxes', change: { state: ['active', 'suspended'], suspended_for: [null, 'idle'] } });
  await passDays(730 - 549);
  expect(await stateOf(doctor)).toEqual({ state: 'suspended', published: false });
  expect(await lettersTo(doctor)).toHaveLength(1);
  expect(town.services.told.filter(({ event }) => event === 'taskDead')).toEqual([]);
});

test('who signs in before the letter leaves is not written to', async () => {
  const since = new Date(town.services.clock().getTime() - 365 * dayMs);
  const [now, silence] = [town.services.clock(), { address: doctor, since, steps: ['notice'] as const }];
  await inTransaction(town.db, async (trx) => addToOutbox(trx, [idleNotice(silence, town.services.idle, now)], now));
  await town.db.insertInto('sign_ins').values({ address: doctor, first_at: now, last_at: now }).execute();
  await town.work();
  await town.isQuiet();
  expect(await town.rows()).toMatchObject([{ kind: 'send-idle-notice', state: 'done' }]);
  expect(await lettersTo(doctor)).toEqual([]);
});
