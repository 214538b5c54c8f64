// What professionals find of citizens: one at a time, named exactly, within limits, and never by browsing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LookUpAnswer } from '../../directory/look-up.ts';
import { registerCitizen } from '../../directory/registry.ts';
import type { Ins } from '../../src/core/ins.ts';
import * as ber from './ber.ts';
import type { LdapClient } from './ldap-client.ts';
import { address, baseDn, citizensDomain, dominique, ins, type LdapWorld, ldapWorld, ruth } from './ldap-world.ts';
import * as requests from './requests.ts';

const elsewhere = ins('1850199100001');
const unreachable = ins('2790399100002');

async function lookUp(asked: Ins): Promise<LookUpAnswer> {
  if (asked === unreachable) return { found: 'nobody', isCertain: false };
  if (asked !== elsewhere) return { found: 'nobody', isCertain: true };
  const entry = {
    address: address(`${asked}@autre.mssante.example`),
    displayName: 'Alix LOIN',
    kind: 'citizen',
    from: 'region',
    isStale: false,
  } as const;
  return { found: 'elsewhere', entry };
}

let world: LdapWorld;
let client: LdapClient;
beforeAll(async () => {
  world = await ldapWorld({ limits: { citizenQuestionsPerHour: 1_000 }, lookUp });
  client = await world.client();
});
afterAll(async () => {
  expect(world.failures).toEqual([]);
  await world.close();
});

const patients = `ou=patients,${baseDn}`;
const dnOf = (of: Ins) => `mssINS=${of},${patients}`;
const ask = (filter: string, base = patients) => client.search({ base, scope: 'subtree', filter });

test('requirement 23: a citizen named by matricule is found, with who they are and whether they can be written to', async () => {
  expect(await ask(`(mssINS=${dominique})`)).toMatchObject({
    code: 0,
    entries: [
      {
        dn: dnOf(dominique),
        attributes: {
          objectClass: ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'mssPatient'],
          cn: ['Dominique PAT-TROIS'],
          sn: ['PAT-TROIS'],
          givenName: ['DOMINIQUE'],
          mail: [`${dominique.toLowerCase()}@${citizensDomain}`],
          description: ['Née le 28/03/1979 ; messagerie ouverte, pas encore consultée'],
          mssBoxState: ['created'],
          mssBirthDate: ['1979-03-28'],
          mssSex: ['F'],
          mssINS: [dominique],
        },
      },
    ],
  });
});

test.each([
  ['the address of their mailbox', `(mail=${dominique}@${citizensDomain})`, patients],
  ['three traits', '(&(objectClass=person)(sn=pat trois)(givenName=Dominique)(mssBirthDate=1979-03-28))', patients],
  ['the same from the root of the tree', `(&(mail=*)(mssINS=${dominique}))`, baseDn],
  ['a matricule typed in the one field of an address book', `(|(cn=*${dominique}*)(mail=*${dominique}*)(sn=*${dominique}*))`, baseDn],
  ['names and date typed in that field', '(|(mail=pat-trois dominique 28/03/1979*)(cn=pat-trois dominique 28/03/1979*))', baseDn],
])('requirement 23: a citizen is found by %s', async (_, filter, base) => {
  const { entries, code } = await ask(filter, base);
  expect({ code, found: entries.map(({ dn }) => dn) }).toEqual({ code: 0, found: [dnOf(dominique)] });
});

test.each([
  '(objectClass=*)',
  '(objectClass=mssPatient)',
  '(mssINS=*)',
  '(sn=pat-trois)',
  '(&(sn=pat-trois)(givenName=dominique))',
  '(&(sn=pat-trois)(mssBirthDate=1979-03-28))',
  '(mssBirthDate=1979-03-28)',
  '(&(sn=pat*)(givenName=dominique)(mssBirthDate=1979-03-28))',
  '(&(sn=pat-trois)(givenName=dominique)(mssBirthDate=1979*))',
  `(mssINS=${dominique.slice(0, 14)}*)`,
  `(mail=*@${citizensDomain})`,
  '(!(sn=nobody))',
  `(!(mssINS=${ruth}))`,
  `(|(mssINS=${dominique})(mssINS=${ruth}))`,
  `(&(mssINS=${dominique})(mssINS=${ruth}))`,
  '(mssBoxState=created)',
  '(cn~=dominique pat trois)',
  // One exact question beside anything else that tells one person from another is none.
  `(&(mssINS=${dominique})(sn=pat-trois))`,
  `(&(mssINS=${dominique})(!(sn=nobody)))`,
  `(&(mssINS=${dominique})(mssBoxState=created))`,
  `(&(mssINS=${dominique})(mssSex=M))`,
  `(&(mssINS=${dominique})(mssBirthDate=1979*))`,
  `(|(mssINS=${dominique})(sn=a*))`,
  '(|(&(sn=pat-trois)(givenName=dominique)(mssBirthDate=1979-03-28))(&(sn=nessi)(givenName=ruth)(mssBirthDate=1977-07-14)))',
  '(&(sn=pat-trois)(givenName=dominique)(|(mssBirthDate=1979-03-28)(mssBirthDate=1979-03-29)))',
  '(&(name=dominique)(mssBirthDate=1979-03-28))',
  '(mssBirthDate>=1900-01-01)',
])('requirement 23: nobody is browsed by %s', async (filter) => {
  const { entries, code } = await ask(filter);
  expect({ code, citizens: entries.filter(({ dn }) => dn !== patients) }).toEqual({ code: 0, citizens: [] });
  const whole = await client.search({ base: baseDn, scope: 'subtree', filter });
  expect(whole.entries.filter(({ dn }) => dn.endsWith(`,${patients}`))).toEqual([]);
});

test('requirement 23: no page, order or place makes citizens a list, and what finds nobody costs no question', async () => {
  const count = () => world.db.selectFrom('citizen_questions').select('question_id').execute();
  const before = (await count()).length;
  const sort = requests.control('1.2.840.113556.1.4.473', false, ber.sequence(ber.sequence(ber.octets('sn'))));
  for (const scope of ['one', 'subtree'] as const) {
    const { entries, cookie } = await client.search({ base: patients, scope }, [requests.page(1), sort]);
    expect(entries.filter(({ dn }) => dn !== patients)).toEqual([]);
    expect(cookie).toHaveLength(0);
  }
  // Below a citizen nothing stands, and whether they exist is not told.
  for (const of of [dominique, ins('1150675100005')]) {
    expect(await client.search({ base: dnOf(of), scope: 'one' })).toMatchObject({ code: 0, entries: [] });
    expect(await client.search({ base: dnOf(of), filter: '(sn=pat*)' })).toMatchObject({ code: 0, entries: [] });
    expect(await client.search({ base: dnOf(of), filter: '(!(mail=*))' })).toMatchObject({ code: 0, entries: [] });
  }
  expect((await count()).length).toBe(before);
});

test('an entry is read again by its name, as address books do', async () => {
  expect(await client.search({ base: dnOf(dominique) })).toMatchObject({ code: 0, entries: [{ dn: dnOf(dominique) }] });
  expect(await client.search({ base: `mail=${dominique}@${citizensDomain},${patients}` })).toMatchObject({
    entries: [{ dn: dnOf(dominique) }],
  });
  expect(await client.search({ base: dnOf(ins('1150675100005')) })).toMatchObject({ code: 32, matchedDn: patients });
  expect(await client.search({ base: `mssINS=279035121518900,${patients}` })).toMatchObject({ code: 32, matchedDn: patients });
});

test('a question that cannot be answered says what can be asked', async () => {
  const answer = await client.search({ base: patients, scope: 'one', filter: '(sn=pat*)' });
  expect(answer).toMatchObject({ code: 0, entries: [], text: expect.stringContaining('matricule INS') });
});

test('requirement 21: of a mailbox that is shut, the state is told and no address; a refusal reads as a closure', async () => {
  const closed = ins('190012A100003');
  const opposed = ins('290052B100004');
  for (const [of, state] of [
    [closed, 'closed'],
    [opposed, 'opposed'],
  ] as const) {
    const traits = { ins: of, birthName: 'FERME', firstGivenName: 'JO', birthDate: '1990-01-02', sex: 'M' as const };
    await registerCitizen(world.db, traits, citizensDomain);
    await world.db.updateTable('citizens').set({ state }).where('ins', '=', of).execute();
    const { entries } = await ask(`(mssINS=${of})`);
    expect(entries[0]?.attributes).toMatchObject({ mssBoxState: ['closed'], description: ['Né le 02/01/1990 ; messagerie fermée'] });
    expect(entries[0]?.attributes).not.toHaveProperty('mail');
  }
  const both = await ask('(&(sn=ferme)(givenName=jo)(mssBirthDate=1990-01-02))');
  expect(both).toMatchObject({ code: 0, entries: [], text: expect.stringContaining('Plusieurs patients') });
});

test('a matricule that nobody has here is asked of other directories', async () => {
  expect(await ask(`(mssINS=${elsewhere})`)).toMatchObject({
    code: 0,
    entries: [{ dn: dnOf(elsewhere), attributes: { cn: ['Alix LOIN'], mail: [`${elsewhere}@autre.mssante.example`] } }],
  });
  expect(await ask(`(mssINS=${unreachable})`)).toMatchObject({ code: 0, entries: [], text: expect.stringContaining('ne répond pas') });
});

test('requirement 58: questions about citizens are limited, and each leaves a trace without a word of whom', async () => {
  const strict = await ldapWorld({ limits: { citizenQuestionsPerHour: 3 } });
  const doctor = await strict.client();
  const codes = [];
  for (const of of [dominique, ruth, elsewhere, dominique]) {
    codes.push((await doctor.search({ base: baseDn, scope: 'subtree', filter: `(mssINS=${of})` })).code);
  }
  expect(codes).toEqual([0, 0, 0, 11]);
  expect(await doctor.search({ base: dnOf(dominique) })).toMatchObject({
    code: 11,
    entries: [],
    text: expect.stringContaining('trop de patients'),
  });
  // Professionals are found all the same.
  expect(await doctor.search({ base: baseDn, scope: 'subtree', filter: '(sn=durand)' })).toMatchObject({ code: 0, entries: { length: 1 } });
  const trail = await strict.db.selectFrom('citizen_questions').select(['by', 'kind', 'outcome']).orderBy('question_id').execute();
  expect(trail.map(({ outcome }) => outcome)).toEqual(['one', 'one', 'nobody', 'too-many']);
  expect(JSON.stringify(trail)).not.toContain(dominique);
  await strict.close();
});
