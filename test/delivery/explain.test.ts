// « Pourquoi ne puis-je pas écrire à cette personne ? » : what is said is what a letter would meet. Requirements 25 to 36.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { address } from '../support/address.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, colleague, retired, pharmacy, citizen, neighbour, elsewhere } = people;

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
  await town.send(doctor, [citizen], letter(doctor));
});
afterAll(() => town.close());

test.each([
  ['a citizen and a stranger', citizen, colleague, 'exchange-never-opened', '5.7.1'],
  ['a citizen and another', citizen, neighbour, 'citizen-to-citizen', '5.7.1'],
  ['a professional and a closed mailbox', doctor, retired, 'mailbox-closed', '5.2.1'],
  ['a professional and nobody', doctor, address('185019910000121@patient.mssante.fr'), 'citizen-unknown', '5.1.1'],
  ['another operator’s and another operator’s', elsewhere, elsewhere, 'recipient-not-hosted', '5.7.1'],
  ['nobody of this domain and a professional', address('nobody@medecin.test.mssante.fr'), doctor, 'sender-not-yours', '5.7.1'],
])('requirement 36: %s: the code, the words and the step that would change it', async (_who, sender, recipient, code, status) => {
  const { verdict, rule, words } = await town.path.explain(sender, recipient);
  expect(verdict).toMatchObject({ code });
  expect(words?.status).toBe(status);
  expect(words?.step).toMatch(/^\p{Lu}.*\.$/u);
  expect(rule.sentence).toMatch(/^\p{Lu}.*\.$/u);
  const door = sender === elsewhere ? 'mx' : 'submission';
  expect(await town.path.judgeRecipient(town.arrivalFrom(sender, door), recipient)).toEqual(verdict);
});

test.each([
  ['a citizen and who wrote to them', citizen, doctor, 'citizen-answers'],
  ['a citizen and who agreed to be written to first', citizen, pharmacy, 'citizen-may-write-first'],
  ['anybody of the trust space and a citizen', elsewhere, citizen, 'anyone-else-writes'],
])('requirement 26: %s: yes, and by which rule', async (_who, sender, recipient, name) => {
  expect(await town.path.explain(sender, recipient)).toMatchObject({ verdict: { do: 'accept' }, rule: { name } });
  expect(await town.path.explain(sender, recipient)).not.toHaveProperty('words');
});

test('a full mailbox is a reason too, and the one RCPT gives', async () => {
  await town.db.updateTable('mailboxes').set({ quota_bytes: 10, used_bytes: 10 }).where('address', '=', neighbour).execute();
  const { verdict, words } = await town.path.explain(doctor, neighbour);
  expect(verdict).toMatchObject({ do: 'defer', code: 'mailbox-full' });
  expect(words?.status).toBe('4.2.2');
  expect(await town.path.judgeRecipient(town.arrivalFrom(doctor), neighbour)).toEqual(verdict);
});
