// Coming in: what is told to strangers, StartTLS, bind, and what is refused before.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as ber from './ber.ts';
import { LdapClient } from './ldap-client.ts';
import { baseDn, citizensDomain, dominique, type LdapWorld, ldapWorld, lea, password, paul } from './ldap-world.ts';
import * as requests from './requests.ts';

let world: LdapWorld;
beforeAll(async () => {
  world = await ldapWorld({ limits: { maxConnectionsPerAddress: 4 } });
});
afterAll(async () => {
  expect(world.failures).toEqual([]);
  await world.close();
});

const startTls = '1.3.6.1.4.1.1466.20037';
const whoAmI = '1.3.6.1.4.1.4203.1.11.3';

test('RFC 4511 §4.14: nobody is bound in the clear; after StartTLS they are', async () => {
  const client = await LdapClient.plain(world.startTlsPort);
  expect(await client.ask(requests.bind(lea, password))).toMatchObject({ code: 13, text: expect.stringContaining('Chiffrez') });
  expect(await client.search({ base: baseDn, scope: 'subtree' })).toMatchObject({ code: 13, entries: [] });
  expect(await client.ask(requests.extended(startTls))).toMatchObject({ code: 0, oid: startTls });
  await client.upgrade();
  expect(await client.ask(requests.extended(startTls))).toMatchObject({ code: 1 });
  expect(await client.bind(lea, password)).toBe(0);
  expect(await client.ask(requests.extended(whoAmI))).toMatchObject({ code: 0, value: `dn:mail=${lea},ou=professionnels,${baseDn}` });
  client.close();
});

test('CVE-2011-0411: a request slipped in behind StartTLS in the clear is never obeyed', async () => {
  const client = await LdapClient.plain(world.startTlsPort);
  client.write(
    Buffer.concat([
      requests.message(1, requests.extended(startTls)),
      requests.message(2, requests.extended(whoAmI)),
      requests.message(3, requests.extended(whoAmI)),
    ]),
  );
  expect(await client.next()).toMatchObject({ messageId: 1, code: 0 });
  await client.upgrade();
  client.write(requests.message(4, requests.extended(whoAmI)));
  expect(await client.next()).toMatchObject({ messageId: 4, code: 0 });
  client.close();
});

test('a stranger learns what the server can do, its schema, and nothing of anybody', async () => {
  const client = await LdapClient.secure(world.tlsPort);
  const root = await client.search({ attributes: ['*', '+'] });
  expect(root).toMatchObject({ code: 0 });
  expect(root.entries[0]).toMatchObject({
    dn: '',
    attributes: {
      namingContexts: [baseDn],
      supportedLDAPVersion: ['3'],
      subschemaSubentry: ['cn=Subschema'],
      supportedControl: expect.arrayContaining(['1.2.840.113556.1.4.319']),
    },
  });
  const schema = await client.search({ base: 'cn=Subschema', attributes: ['objectClasses', 'attributeTypes'] });
  const { objectClasses = [], attributeTypes = [] } = schema.entries[0]?.attributes ?? {};
  expect(objectClasses.some((text) => text.includes("NAME 'inetOrgPerson'"))).toBe(true);
  expect(attributeTypes.some((text) => text.includes("NAME 'mssINS'"))).toBe(true);
  for (const base of ['', baseDn, `ou=professionnels,${baseDn}`, `mail=${lea},ou=professionnels,${baseDn}`, `ou=patients,${baseDn}`]) {
    expect(await client.search({ base, scope: 'subtree' }), base).toMatchObject({ code: 50, entries: [] });
  }
  expect(await client.bind('', '')).toBe(0);
  expect(await client.ask(requests.extended(whoAmI))).toMatchObject({ value: '' });
  expect(await client.search({ base: baseDn })).toMatchObject({ code: 50 });
  client.close();
});

test.each([
  ['the bare address, as Outlook’s users type it', lea],
  ['in capitals', lea.toUpperCase()],
  ['the name of the entry', `mail=${lea},ou=professionnels,${baseDn}`],
  ['by uid, with blanks and another case', `UID=${lea}, OU=Professionnels, O=MSSante, C=FR`],
  ['by number', `0.9.2342.19200300.100.1.3=${lea},ou=professionnels,${baseDn}`],
  ['with bytes escaped', `mail=${lea.replace('@', '\\40')},ou=professionnels,${baseDn}`],
])('requirement 23: bind with %s', async (_, name) => {
  const client = await LdapClient.secure(world.tlsPort);
  expect(await client.bind(name, password)).toBe(0);
  client.close();
});

test('what cannot open the door: other passwords, none, other names, other ways', async () => {
  const wrong: [string, string, number][] = [
    [lea, 'wrong', 49],
    [lea, '', 53],
    ['', password, 49],
    [`mail=${lea},ou=patients,${baseDn}`, password, 49],
    [`mail=${lea},ou=professionnels,o=autre`, password, 49],
    ['cn=admin', password, 49],
    [`mail=${lea},ou=professionnels,${baseDn},`, password, 49],
  ];
  for (const [name, given, code] of wrong) {
    const client = await LdapClient.secure(world.tlsPort);
    expect(await client.bind(name, given), name).toBe(code);
    expect(await client.search({ base: baseDn })).toMatchObject({ code: 50 });
    client.close();
  }
  const client = await LdapClient.secure(world.tlsPort);
  expect(await client.ask(requests.bind(lea, password, 2))).toMatchObject({ code: 2 });
  const external = ber.element(0x60, [ber.integer(3), ber.octets(''), ber.element(0xa3, [ber.octets('EXTERNAL')])]);
  expect(await client.ask(external)).toMatchObject({ code: 7 });
  client.close();
});

test('requirement 23: a citizen is not let in, whatever the password, and no password of theirs can be tried here', async () => {
  const client = await LdapClient.secure(world.tlsPort);
  const before = world.binds.length;
  expect(await client.bind(`${dominique}@${citizensDomain}`, password)).toBe(50);
  expect(await client.bind(`${dominique}@${citizensDomain}`, 'wrong')).toBe(50);
  expect(world.binds.length).toBe(before);
  expect(await client.search({ base: baseDn })).toMatchObject({ code: 50 });
  client.close();
});

test('a bind that fails leaves nobody bound, and three of them end the connection', async () => {
  const client = await LdapClient.secure(world.tlsPort);
  expect(await client.bind(lea, password)).toBe(0);
  expect(await client.bind(lea, 'wrong')).toBe(49);
  expect(await client.search({ base: baseDn })).toMatchObject({ code: 50 });
  expect(await client.bind(lea, 'wrong')).toBe(49);
  expect(await client.bind(lea, 'wrong')).toBe(49);
  expect(await client.next()).toMatchObject({ messageId: 0, oid: '1.3.6.1.4.1.1466.20036' });
  expect(await client.next()).toBeUndefined();
});

test('one address has its share of connections, and gets it back', async () => {
  const clients = await Promise.all(Array.from({ length: 5 }, () => LdapClient.secure(world.tlsPort)));
  const codes: (number | undefined)[] = [];
  for (const client of clients) codes.push(await client.bind(paul, password));
  expect(codes).toEqual([0, 0, 0, 0, 51]);
  expect(await clients[0]?.bind('', '')).toBe(0);
  expect(await clients[4]?.bind(paul, password)).toBe(0);
  for (const client of clients) client.close();
});

test('requirement 21: a mailbox that is shut ends its connections, with a word', async () => {
  const client = await world.client();
  world.shut(lea);
  expect(await client.next()).toMatchObject({ messageId: 0, code: 52, text: 'Votre boîte aux lettres n’est plus ouverte' });
  expect(await client.next()).toBeUndefined();
});
