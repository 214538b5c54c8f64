// What professionals find of professionals: scopes, filters, the attributes they choose, limits and pages.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as ber from './ber.ts';
import type { LdapClient } from './ldap-client.ts';
import { baseDn, cardiology, hidden, type LdapWorld, ldapWorld, lea, paul, zoe } from './ldap-world.ts';
import * as requests from './requests.ts';

let world: LdapWorld;
let client: LdapClient;
beforeAll(async () => {
  world = await ldapWorld();
  client = await world.client();
});
afterAll(async () => {
  expect(world.failures).toEqual([]);
  await world.close();
});

const professionals = `ou=professionnels,${baseDn}`;
const dnOf = (address: string) => `mail=${address},${professionals}`;
const found = async (filter: string) => {
  const answer = await client.search({ base: professionals, scope: 'one', filter, attributes: ['mail'] });
  expect(answer.code).toBe(0);
  return answer.entries.map(({ attributes }) => attributes.mail?.[0]);
};

test('requirement 23: an entry tells who a professional is, what they do and where', async () => {
  const { entries } = await client.search({ base: dnOf(lea) });
  expect(entries).toEqual([
    {
      dn: dnOf(lea),
      attributes: {
        objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'mssMailbox'],
        cn: ['Dr Léa MARTIN'],
        displayName: ['Dr Léa MARTIN'],
        sn: ['MARTIN'],
        givenName: ['Léa'],
        personalTitle: ['Dr'],
        mail: [lea],
        uid: [lea],
        title: ['Médecine générale', 'Médecin'],
        o: ['Clinique des Peupliers'],
        l: ['ROUEN'],
        postalCode: ['76000'],
        st: ['76'],
        businessCategory: ['Médecin'],
        mssBoxType: ['PER'],
        mssRPPS: ['99700101001'],
        mssFINESS: ['1990001018'],
        mssProfession: ['Médecin'],
        mssSpeciality: ['Médecine générale'],
        mssPaperless: ['FALSE'],
        mssPreferred: ['FALSE'],
      },
    },
  ]);
});

test.each<[string, readonly string[]]>([
  ['(sn=martin)', [lea]],
  ['(sn=lefevre)', [zoe]],
  ['(sn=LEFÈVRE)', [zoe]],
  ['(surname=dur*)', [paul]],
  ['(2.5.4.4=dur*)', [paul]],
  ['(cn~=zoe lef)', [zoe]],
  ['(cn=*cardio*)', [cardiology]],
  ['(sn=service de*)', [cardiology]],
  ['(title=cardiologie)', [paul]],
  ['(mssSpeciality=médecine*)', [lea, zoe]],
  ['(&(businessCategory=médecin)(l=rouen)(givenName=p*))', [paul]],
  ['(|(sn=martin)(sn=durand))', [lea, paul]],
  ['(&(objectClass=inetOrgPerson)(mssBoxType=ORG))', [cardiology]],
  ['(o=clinique des peupliers)', [cardiology, lea, paul, zoe]],
  ['(mssFINESS=1990001018)', [cardiology, lea, paul, zoe]],
  ['(mssRPPS=99700102009)', [paul]],
  ['(mail=paul.*)', [paul]],
  ['(rfc822Mailbox=PAUL.DURAND@medecin.mssante.example)', [paul]],
  ['(anr=mart)', [lea]],
  ['(name=zoe)', [zoe]],
  ['(name=rouen)', [cardiology, lea, paul, zoe]],
  ['(name=cardiologie)', [paul]],
  ['(personalTitle=dr)', [lea, paul, zoe]],
  ['(!(personalTitle=*))', [cardiology]],
  ['(mssPaperless=FALSE)', [cardiology, lea, paul, zoe]],
  ['(mssPaperless=TRUE)', []],
  ['(!(mssPreferred=TRUE))', [cardiology, lea, paul, zoe]],
  // No attribute has such a value, or can be compared so: neither that nor the contrary is true of anybody.
  ['(!(mssPaperless=oui))', []],
  ['(!(mssBoxType=P*))', []],
  ['(!(mail=zoé*))', []],
  ['(!(objectClass=fantasy))', []],
  ['(!(mssBoxType=PER))', [cardiology]],
  ['(&)', [cardiology, lea, paul, zoe]],
  // Nobody has a telephone number, so everyone has none; what an unknown attribute is, nobody can say, nor its contrary.
  ['(telephoneNumber=*)', []],
  ['(!(telephoneNumber=*))', [cardiology, lea, paul, zoe]],
  ['(fantasy=*)', []],
  ['(!(fantasy=x))', []],
  ['(|(fantasy=x)(sn=martin))', [lea]],
  ['(cn;lang-fr=martin)', []],
  ['(sn>=A)', []],
  ['(!(sn<=z))', []],
  ['(sn:caseExactMatch:=MARTIN)', []],
  ['(objectClass=mssPatient)', []],
  ['(objectClass=2.16.840.1.113730.3.2.2)', [cardiology, lea, paul, zoe]],
  ['(|)', []],
  // Signs that mean something to SQL, to LIKE, or to regular expressions, mean nothing.
  ["(cn=*'; drop table addresses; --*)", []],
  ['(mail=%)', []],
  ['(mail=paul_durand*)', []],
  ['(cn=\\2a)', []],
  ['(cn=a\\00b)', []],
])('requirement 23: %s', async (filter, expected) => {
  expect(await found(filter)).toEqual([...expected].sort());
});

test('requirement 19: a red-listed mailbox is never found, by any filter, nor by its name', async () => {
  for (const filter of ['(objectClass=*)', `(mail=${hidden})`, '(sn=secret)', '(mssRPPS=99700104005)', '(!(sn=martin))']) {
    expect(await found(filter)).not.toContain(hidden);
  }
  expect(await client.search({ base: dnOf(hidden) })).toMatchObject({ code: 32, matchedDn: professionals, entries: [] });
});

test('scopes: the base, its branches, their leaves, and the whole', async () => {
  const names = async (base: string, scope: 'base' | 'one' | 'subtree') => {
    const { entries, code } = await client.search({ base, scope });
    expect(code).toBe(0);
    return entries.map(({ dn }) => dn);
  };
  const branches = [professionals, `ou=patients,${baseDn}`];
  const leaves = [cardiology, lea, paul, zoe].map(dnOf);
  expect(await names(baseDn, 'base')).toEqual([baseDn]);
  expect(await names(baseDn, 'one')).toEqual(branches);
  expect(await names(baseDn, 'subtree')).toEqual([baseDn, ...branches, ...leaves]);
  // Clients that were given no base mean the tree.
  expect(await names('', 'subtree')).toEqual([baseDn, ...branches, ...leaves]);
  expect(await names('', 'one')).toEqual([baseDn]);
  expect(await names(professionals, 'subtree')).toEqual([professionals, ...leaves]);
  expect(await names(professionals, 'one')).toEqual(leaves);
  expect(await names(dnOf(paul), 'subtree')).toEqual([dnOf(paul)]);
  expect(await names(dnOf(paul), 'one')).toEqual([]);
  expect(await names(`OU=Professionnels , O="MSSante";c=FR`, 'base')).toEqual([professionals]);
});

test('names of nothing: what exists of them is told, and what is no name is refused', async () => {
  const ends: [string, number, string][] = [
    [dnOf('nobody@medecin.mssante.example'), 32, professionals],
    [`ou=autres,${baseDn}`, 32, baseDn],
    [`cn=x,${dnOf(lea)}`, 32, professionals],
    [dnOf(hidden), 32, professionals],
    ['o=autre,c=fr', 32, ''],
    ['not a name', 34, ''],
    [`mail=${lea},,${professionals}`, 34, ''],
  ];
  for (const [base, code, matchedDn] of ends) expect(await client.search({ base }), base).toMatchObject({ code, matchedDn, entries: [] });
  expect(await client.search({ base: dnOf(lea), filter: '(sn=durand)' })).toMatchObject({ code: 0, entries: [] });
  // Nothing stands below a mailbox; the mailbox itself must.
  expect(await client.search({ base: dnOf(lea), scope: 'one' })).toMatchObject({ code: 0, entries: [] });
  for (const address of ['nobody@medecin.mssante.example', hidden]) {
    expect(await client.search({ base: dnOf(address), scope: 'one' })).toMatchObject({ code: 32, matchedDn: professionals });
  }
});

test('a filter of thousands of words is answered like any other', async () => {
  const words = Array.from({ length: 400 }, (_, at) => `w${at}`).join(' ');
  const many = `(|${`(name~=${words})`.repeat(50)}(sn=martin))`;
  expect(await found(many)).toEqual([lea]);
});

test('RFC 4511 §4.5.1.8: the client chooses the attributes it is sent', async () => {
  const names = async (attributes: string[], typesOnly = false) => {
    const { entries } = await client.search({ base: dnOf(lea), attributes, typesOnly });
    return entries[0]?.attributes;
  };
  expect(await names(['1.1'])).toEqual({});
  expect(await names(['SURNAME', 'gn', 'fantasy', 'telephoneNumber'])).toEqual({ sn: ['MARTIN'], givenName: ['Léa'] });
  expect(await names(['cn;lang-fr', 'userCertificate;binary', 'l'])).toEqual({ l: ['ROUEN'] });
  expect(Object.keys((await names(['name'])) ?? {}).sort()).toEqual(['cn', 'givenName', 'l', 'o', 'sn', 'st', 'title']);
  expect(Object.keys((await names(['+'])) ?? {}).sort()).toEqual([
    'entryDN',
    'hasSubordinates',
    'structuralObjectClass',
    'subschemaSubentry',
  ]);
  expect(await names(['*', 'entryDN'])).toMatchObject({ cn: ['Dr Léa MARTIN'], entryDN: [dnOf(lea)] });
  expect(await names(['cn', 'l'], true)).toEqual({ cn: [], l: [] });
});

test('RFC 4511 §4.5.1.4: the client’s limit is kept, and it hears that there was more', async () => {
  expect(await client.search({ base: professionals, scope: 'one', sizeLimit: 2 })).toMatchObject({ code: 4, entries: { length: 2 } });
  expect(await client.search({ base: professionals, scope: 'one', sizeLimit: 4 })).toMatchObject({ code: 0, entries: { length: 4 } });
  expect(await client.search({ base: professionals, scope: 'subtree', sizeLimit: 1 })).toMatchObject({
    code: 4,
    entries: [{ dn: professionals }],
  });
  expect(await client.search({ base: professionals, scope: 'subtree', sizeLimit: 1, filter: '(ou=*)' })).toMatchObject({ code: 0 });
});

test('the door’s own limit stands above the client’s, and over all pages', async () => {
  const small = await ldapWorld({ limits: { maxEntries: 3 } });
  const reader = await small.client();
  const asked = { base: professionals, scope: 'one' as const };
  expect(await reader.search(asked)).toMatchObject({ code: 4, entries: { length: 3 } });
  expect(await reader.search({ ...asked, sizeLimit: 100 })).toMatchObject({ code: 4, entries: { length: 3 } });
  const first = await reader.search(asked, [requests.page(2)]);
  expect(first).toMatchObject({ code: 0, entries: { length: 2 } });
  const second = await reader.search(asked, [requests.page(2, first.cookie)]);
  expect(second).toMatchObject({ code: 4, entries: { length: 1 } });
  expect(second.cookie).toHaveLength(0);
  await small.close();
});

test('RFC 2696: pages follow each other without a gap, and a cookie is good for its own search alone, once', async () => {
  const asked = { base: baseDn, scope: 'subtree' as const, attributes: ['mail'] };
  const names: string[] = [];
  let cookie: Buffer = Buffer.alloc(0);
  let pages = 0;
  do {
    const answer = await client.search(asked, [requests.page(2, cookie)]);
    expect(answer.code).toBe(0);
    names.push(...answer.entries.map(({ dn }) => dn));
    cookie = answer.cookie ?? Buffer.alloc(0);
    pages += 1;
  } while (cookie.length > 0);
  expect(names).toEqual([baseDn, professionals, `ou=patients,${baseDn}`, ...[cardiology, lea, paul, zoe].map(dnOf)]);
  expect(pages).toBe(4);

  const first = await client.search(asked, [requests.page(1)]);
  expect(await client.search({ ...asked, filter: '(sn=martin)' }, [requests.page(1, first.cookie)])).toMatchObject({
    code: 53,
    entries: [],
  });
  expect(await client.search(asked, [requests.page(1, first.cookie)])).toMatchObject({ code: 53 });
  expect(await client.search(asked, [requests.page(1, Buffer.from('made up'))])).toMatchObject({ code: 53 });
  const again = await client.search(asked, [requests.page(1)]);
  expect(await client.search(asked, [requests.page(0, again.cookie)])).toMatchObject({ code: 0, entries: [] });
  expect(await client.search(asked, [requests.page(1, again.cookie)])).toMatchObject({ code: 53 });
  // Someone else on the same connection does not go on where the one before had come to.
  const kept = await client.search(asked, [requests.page(1)]);
  const other = await world.client();
  expect(await other.search(asked, [requests.page(1, kept.cookie)])).toMatchObject({ code: 53 });
  other.close();
});

test('RFC 4511 §4.1.11: a control that must be obeyed and cannot be is refused; others are ignored', async () => {
  const sort = '1.2.840.113556.1.4.473';
  const virtualList = '2.16.840.1.113730.3.4.9';
  const key = ber.sequence(ber.sequence(ber.octets('cn')));
  expect(await client.search({ base: baseDn }, [requests.control(sort, false, key)])).toMatchObject({ code: 0 });
  expect(await client.search({ base: baseDn }, [requests.control(sort, true, key)])).toMatchObject({ code: 12, entries: [] });
  expect(await client.search({ base: baseDn }, [requests.control(virtualList, true)])).toMatchObject({ code: 12 });
  expect(await client.search({ base: baseDn }, [requests.control('2.16.840.1.113730.3.4.2', true)])).toMatchObject({ code: 0 });
  expect(await client.search({ base: baseDn }, [requests.page(1), requests.page(1)])).toMatchObject({ code: 2 });
  expect(await client.search({ base: baseDn }, [requests.control('1.2.840.113556.1.4.319', true, Buffer.from('x'))])).toMatchObject({
    code: 2,
  });
});

test('nothing is written through this door', async () => {
  for (const tag of [0x66, 0x68, 0x6c, 0x6e]) {
    expect(await client.ask(ber.element(tag, [ber.octets(dnOf(lea))]))).toMatchObject({
      code: 53,
      tag: tag + 1,
      text: expect.stringContaining('consulte'),
    });
  }
  expect(await client.ask(ber.octets(dnOf(lea), 0x4a))).toMatchObject({ code: 53, tag: 0x6b });
  expect(await client.ask(requests.extended('1.2.3.4'))).toMatchObject({ code: 2 });
});

test('requests sent all at once are answered in their order; one that is given up is not answered', async () => {
  const ids = Array.from({ length: 30 }, (_, at) =>
    client.send(requests.search({ base: professionals, scope: 'one', filter: at % 2 ? '(sn=martin)' : '(sn=durand)' })),
  );
  for (const [at, id] of ids.entries()) {
    expect(await client.answersTo(id)).toMatchObject({ code: 0, entries: [{ dn: dnOf(at % 2 ? lea : paul) }] });
  }
  // In one piece: the search has not been answered when it is given up.
  const [given, after] = [10_001, 10_003];
  const asked = requests.message(given, requests.search({ base: professionals, scope: 'one' }));
  const givenUp = requests.message(10_002, requests.abandon(given));
  const unknown = requests.message(10_002, requests.abandon(12_345));
  client.write(Buffer.concat([asked, givenUp, unknown, requests.message(after, requests.search({ base: baseDn }))]));
  const answers = [];
  for (let answer = await client.next(); answer; answer = await client.next()) {
    answers.push(answer);
    if (answer.messageId === after && !answer.entry) break;
  }
  expect(answers.filter(({ messageId, entry }) => messageId === given && !entry)).toEqual([]);
});
