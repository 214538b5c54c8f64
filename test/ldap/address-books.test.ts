// What Outlook and Thunderbird ask, as bytes the project wrote down (fixtures/*.hex, a request a paragraph), replayed over TLS: an
// address book must show name, profession and town. Written by us after their documented filters, not captured from them.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, LdapClient } from './ldap-client.ts';
import { baseDn, dominique, type LdapWorld, ldapWorld, lea, paul, zoe } from './ldap-world.ts';

let world: LdapWorld;
beforeAll(async () => {
  world = await ldapWorld();
});
afterAll(async () => {
  expect(world.failures).toEqual([]);
  await world.close();
});

/** Sends the bytes of a fixture in one piece, and reads until the result of the last request. */
async function replay(client: LdapClient, name: string, lastId = 2): Promise<Answer[]> {
  const text = await readFile(new URL(`./fixtures/${name}.hex`, import.meta.url), 'utf8');
  client.write(Buffer.from(text.replace(/^#.*$/gm, '').replace(/\s/g, ''), 'hex'));
  const answers: Answer[] = [];
  for (;;) {
    const answer = await client.next();
    if (!answer) throw new Error('The server has closed the connection');
    answers.push(answer);
    if (answer.messageId === lastId && !answer.entry) return answers;
  }
}

const mails = (answers: Answer[]) => answers.flatMap(({ entry }) => entry?.attributes.mail ?? []);

test('requirement 23: Thunderbird completes a name, with what its columns show', async () => {
  const answers = await replay(await world.client(), 'thunderbird-complete');
  expect(mails(answers)).toEqual([lea]);
  expect(answers[0]?.entry?.attributes).toMatchObject({
    cn: ['Dr Léa MARTIN'],
    title: ['Médecine générale', 'Médecin'],
    o: ['Clinique des Peupliers'],
    l: ['ROUEN'],
  });
});

test('Thunderbird gives up each search for the next one while someone types', async () => {
  const answers = await replay(await world.client(), 'thunderbird-replaced', 6);
  expect(answers.filter(({ entry }) => !entry).map(({ messageId }) => messageId)).toEqual([6]);
  expect(mails(answers.filter(({ messageId }) => messageId === 6))).toEqual([paul]);
});

test('requirement 23: Thunderbird finds a patient by what can be typed in one field', async () => {
  const answers = await replay(await world.client(), 'thunderbird-patient');
  expect(mails(answers).map((mail) => mail.split('@')[0])).toEqual([dominique.toLowerCase()]);
});

test('Outlook looks at the server before it has a name', async () => {
  const client = await LdapClient.secure(world.tlsPort);
  const [root] = await replay(client, 'outlook-probe');
  expect(root?.entry?.attributes).toMatchObject({ namingContexts: [baseDn], supportedLDAPVersion: ['3'] });
  client.close();
});

test('requirement 23: Outlook checks a name, sorted if possible and by pages', async () => {
  const answers = await replay(await world.client(), 'outlook-complete');
  expect(mails(answers)).toEqual([paul]);
  expect(answers.at(-1)).toMatchObject({ code: 0, cookie: Buffer.alloc(0) });
});

test('Outlook with the search of Active Directory', async () => {
  expect(mails(await replay(await world.client(), 'outlook-ambiguous'))).toEqual([zoe]);
});

test('Outlook that browses gets the list it may have, and nobody’s patients', async () => {
  const answers = await replay(await world.client(), 'outlook-browse');
  expect(answers.at(-1)).toMatchObject({ code: 0 });
  expect(mails(answers)).toHaveLength(4);
});
