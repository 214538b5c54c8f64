// The address book as another server would serve it: what our door answers, Debian's slapd answers too when it holds the same entries.
// Left out are the questions that two servers may answer differently: what accents and punctuation change (our book folds them: the second
// property says that it then finds more, never less), approximate matching (each server's own, RFC 4511 §4.5.1.7.6), and operational
// attributes of slapd's.
import fc from 'fast-check';
import { AndFilter, type Filter, FilterParser, OrFilter } from 'ldapts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approximations, type BookValues, plainFilters, positiveFilters, valuesIn } from '../support/book-filters.ts';
import { type BookAnswer, type BookQuestion, bookBase, openTwoDirectories, type TwoDirectories } from '../support/two-directories.ts';

const professionals = `ou=professionnels,${bookBase}`;
const runs = Number(process.env.DIFFERENTIAL_RUNS ?? 60);

let both: TwoDirectories;
let values: BookValues;
let leaves: readonly string[];
beforeAll(async () => {
  both = await openTwoDirectories(300);
  values = valuesIn(both.entries);
  leaves = both.entries.map(({ dn }) => dn).filter((dn) => dn.startsWith('mail='));
}, 120_000);
afterAll(() => both?.close());

test('requirement 23: both hold the same entries, and every attribute of them reads the same', async () => {
  const all = await same({ base: bookBase, scope: 'sub', filter: parse('(objectClass=*)') });
  expect(all).toHaveLength(both.entries.length);
  expect(leaves.length).toBeGreaterThan(300);
}, 120_000);

test('requirement 23: filters that people and their programs write find the same in both', async () => {
  const filters = [
    '(mail=accueil*)',
    '(mail=*.mssante.fr)',
    '(mail=*@*)',
    '(uid=ACCUEIL.1@medecin.test.mssante.fr)',
    '(commonName=*martin*)',
    '(sn=martin)',
    '(surname=MARTIN)',
    '(cn=  dr   zoé   martin  )',
    '(&(mail=*)(|(cn=mar*)(sn=mar*)(givenName=mar*)(displayName=mar*)))',
    '(|(mail=*goff*)(cn=*goff*)(displayName=*goff*))',
    '(&(objectClass=person)(!(mssBoxType=APP))(l=montpellier))',
    '(&(o=*cabinet*)(mssProfession=sage-femme))',
    '(mssSpeciality=gériatrie)',
    '(mssRPPS=81000000003)',
    '(mssFINESS=312345678900017)',
    '(postalCode=75*)',
    '(!(givenName=*))',
    '(!(ou=*))',
    '(foo=bar)',
    '(!(foo=bar))',
    '(|(foo=bar)(sn=martin))',
    '(&(foo=bar)(sn=martin))',
    '(!(&(foo=bar)(mail=*)))',
    '(!(|(foo=bar)(mail=*)))',
    '(!(telephoneNumber=*))',
    '(cn>=m)',
    '(!(cn>=m))',
    '(objectClass=MSSMAILBOX)',
    '(!(objectClass=mssMailbox))',
    '(objectClass=1.2.250.1.999.5.2.1)',
    '(objectClass=fantasy)',
    '(!(objectClass=fantasy))',
    '(!(objectClass=1.2.3.4))',
    '(mssPaperless=TRUE)',
    '(!(mssPreferred=TRUE))',
    '(!(mssPaperless=oui))',
    '(personalTitle=dr)',
    '(!(personalTitle=*))',
    '(name=montpellier)',
    '(name=34)',
    '(!(mssBoxType=P*))',
    '(!(objectClass=inet*))',
    '(!(mail=zoé@medecin.test.mssante.fr))',
    '(!(mail=zoé*))',
    '(!(facsimileTelephoneNumber=0102030405))',
  ].map(parse);
  for (const filter of [...filters, new AndFilter({ filters: [] }), new OrFilter({ filters: [] })]) {
    await same({ base: bookBase, scope: 'sub', filter, attributes: ['cn', 'mail'] });
  }
}, 120_000);

test('names that do not exist, and names of every kind, lead to the same place in both', async () => {
  const leaf = leaves.find((dn) => dn.includes('+')) ?? '';
  const bases = [bookBase, 'O=MSSante, C=FR', professionals, `ou=patients,${bookBase}`, leaf, leaf.toUpperCase()];
  const nowhere = [`ou=none,${bookBase}`, 'o=other', 'c=fr', `cn=x,${leaves[0]}`, `mail=nobody@medecin.test.mssante.fr,${professionals}`];
  const selections = [
    [],
    ['*'],
    ['1.1'],
    ['cn', 'FOO'],
    ['cn;lang-fr', 'sn'],
    ['name'],
    ['*', 'hasSubordinates'],
    ['structuralObjectClass'],
  ];
  for (const scope of ['base', 'one', 'sub'] as const) {
    for (const attributes of selections) {
      for (const base of bases) await same({ base, scope, filter: parse('(objectClass=*)'), attributes });
    }
  }
  for (const base of nowhere) {
    for (const scope of ['base', 'one', 'sub'] as const) {
      expect(await same({ base, scope, filter: parse('(objectClass=*)') })).toEqual({ refused: 32 });
    }
  }
  expect(await same({ base: 'not a name', scope: 'base', filter: parse('(objectClass=*)') })).toEqual({ refused: 34 });
}, 120_000);

test('requirement 23: whatever is asked, from wherever, page by page or at once, both give the same names and attributes', async () => {
  const attribute = fc.constantFrom('cn', 'MAIL', 'sn', 'o', 'l', 'title', 'mssBoxType', 'mssPaperless', 'objectClass', 'name', 'foo');
  const questions = fc.record(
    {
      base: fc.oneof(fc.constantFrom(bookBase, professionals), fc.constantFrom(...leaves)),
      scope: fc.constantFrom('sub' as const, 'sub' as const, 'one' as const, 'base' as const),
      filter: plainFilters(values),
      attributes: fc.oneof(fc.constantFrom([], ['1.1'], ['*'], ['*', 'entryDN']), fc.uniqueArray(attribute, { maxLength: 4 })),
      typesOnly: fc.boolean(),
      pageSize: fc.integer({ min: 1, max: 400 }),
    },
    { requiredKeys: ['base', 'scope', 'filter', 'attributes'] },
  );
  await fc.assert(
    fc.asyncProperty(questions, async (question) => {
      // Small pages of everybody would take a message each.
      const { pageSize, ...rest } = question;
      await same(pageSize === undefined ? rest : { ...rest, pageSize: Math.max(20, pageSize) });
    }),
    { numRuns: runs },
  );
}, 600_000);

test('where accents, capitals and punctuation are folded our book finds all that slapd does, and more', async () => {
  const found = { ours: 0, theirs: 0 };
  await fc.assert(
    fc.asyncProperty(positiveFilters(values), async (filter) => {
      const [ours, theirs] = await askBoth({ base: professionals, scope: 'sub', filter, attributes: ['1.1'] });
      expect(listOf(theirs).filter((entry) => !listOf(ours).includes(entry))).toEqual([]);
      found.ours += listOf(ours).length;
      found.theirs += listOf(theirs).length;
    }),
    { numRuns: runs },
  );
  expect(found.ours).toBeGreaterThan(found.theirs);
  for (const filter of ['(cn=*\\2a*)', '(cn=*\\5c*)', '(o=*\\28*\\29*)', '(sn=perec)', '(sn=*lefevre*)', '(givenName=jean paul)'].map(
    parse,
  )) {
    const [ours, theirs] = await askBoth({ base: professionals, scope: 'sub', filter, attributes: ['1.1'] });
    expect(listOf(ours)).toEqual(expect.arrayContaining([...listOf(theirs)]));
    expect(listOf(ours).length).toBeGreaterThan(listOf(theirs).length);
  }
}, 600_000);

test('pieces that meet inside one run of punctuation, and edges that are nothing else, find what they find in slapd', async () => {
  const pieces = ['test *\\28h*', '*test *\\28h*', '*de* *test*\\28*h*', '*«* *les*', '*Œillets* »', '*Œillets *»', '*nord\\29'];
  for (const filter of pieces.map((value) => parse(`(o=${value})`))) {
    const [ours, theirs] = await askBoth({ base: professionals, scope: 'sub', filter, attributes: ['1.1'] });
    expect(ours, filter.toString()).toEqual(theirs);
  }
  expect(listOf(await both.askOurs({ base: professionals, scope: 'sub', filter: parse('(o=*test *\\28h*)') })).length).toBeGreaterThan(0);
  // A word of the other side of the meeting is asked for from its beginning.
  expect(await both.askOurs({ base: professionals, scope: 'sub', filter: parse('(o=*test *\\28ital*)') })).toEqual([]);
}, 60_000);

test('an approximate filter of the words of a value finds its entries in both', async () => {
  await fc.assert(
    fc.asyncProperty(approximations(values), async ({ filter, attribute, value }) => {
      const question: BookQuestion = { base: professionals, scope: 'sub', filter, attributes: ['1.1'] };
      const holders = listOf(await both.askSlapd({ ...question, filter: exactly(attribute, value) }));
      const answers = await askBoth(question);
      for (const answer of answers) expect(listOf(answer)).toEqual(expect.arrayContaining([...holders]));
    }),
    { numRuns: Math.ceil(runs / 3) },
  );
}, 600_000);

test('both stop at the number of entries the client can take', async () => {
  for (const sizeLimit of [1, 7, 353, 10_000]) {
    const [ours, theirs] = await askBoth({ base: professionals, scope: 'one', filter: parse('(mail=*)'), sizeLimit });
    expect(listOf(ours)).toHaveLength(listOf(theirs).length);
    expect(listOf(ours)).toHaveLength(Math.min(sizeLimit, leaves.length));
  }
}, 120_000);

async function askBoth(question: BookQuestion): Promise<readonly [BookAnswer, BookAnswer]> {
  return await Promise.all([both.askOurs(question), both.askSlapd(question)]);
}

/** The answer of both. Fails with the question when they differ. */
async function same(question: BookQuestion): Promise<BookAnswer> {
  const [ours, theirs] = await askBoth(question);
  const { base, scope, filter } = question;
  const about = `${scope} of « ${base} »: ${filter.toString()}`;
  if ('refused' in ours || 'refused' in theirs) expect(ours, about).toEqual(theirs);
  // What differs alone: answers are hundreds of entries long.
  else expect({ about, ours: without(ours, theirs), slapds: without(theirs, ours) }).toEqual({ about, ours: [], slapds: [] });
  return ours;
}

function without(entries: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return entries.filter((entry) => !known.has(entry)).slice(0, 5);
}

function listOf(answer: BookAnswer): readonly string[] {
  if ('refused' in answer) throw new Error(`Refused with ${answer.refused}`);
  return answer;
}

function parse(text: string): Filter {
  return FilterParser.parseString(text);
}

function exactly(attribute: string, value: string): Filter {
  return parse(`(${attribute}=${value.replace(/[\\*()\0]/g, (special) => `\\${special.charCodeAt(0).toString(16).padStart(2, '0')}`)})`);
}
