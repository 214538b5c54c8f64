import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BookAttribute, BookFilter } from '../../../directory/book/book-filter.ts';
import { compileFilter } from '../../../directory/book/compile-filter.ts';
import { searchBook } from '../../../directory/book/search-book.ts';
import { directoryMigrations } from '../../../directory/migrations/set.ts';
import { registerAddress, registerProfessional, registerStructure } from '../../../directory/registry.ts';
import type { AddressesTable } from '../../../directory/schema.ts';
import type { BoxState } from '../../../directory/states.ts';
import { type Address, parseAddress } from '../../../src/core/address.ts';
import type { Db } from '../../../src/database/tables.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations], 8);
  db = database.db;
  await fillTown();
});
afterAll(() => database.close());

const address = (text: string) => parseAddress(text) ?? expect.fail('not an address');
const lea = address('lea.martin@cabinet.mssante.fr');
const leaAtHospital = address('lea.martin@hopital.mssante.fr');
const zoe = address('zoe.l-heritier@ailleurs.mssante.fr');
const cardiology = address('cardio@hopital.mssante.fr');
const pharmacy = address('pharmacie_du_port@officine.mssante.fr');

async function fillTown() {
  await registerStructure(db, { structureId: '1510000029', name: 'CENTRE HOSPITALIER DE REIMS' });
  await registerStructure(db, { structureId: '310000000000017', name: 'SELARL DU PORT' });
  const place = { routing_line: '51092 REIMS CEDEX 3', postal_code: '51092', department: '51' };
  await db.updateTable('structures').set(place).where('structure_id', '=', '1510000029').execute();
  await db
    .updateTable('structures')
    .set({ sign: 'PHARMACIE DU PORT', routing_line: '20000 AJACCIO', postal_code: '20000' })
    .where('structure_id', '=', '310000000000017')
    .execute();
  const person = { civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
  await registerProfessional(db, { rpps: '10000000001', ...person });
  await registerProfessional(db, { ...person, rpps: '10000000002', familyName: 'L’HÉRITIER-ŒUVRE', givenName: 'Zoé' });
  await registerAddress(db, { address: lea, type: 'PER', label: 'Dr Léa MARTIN', rpps: '10000000001' });
  await registerAddress(db, { address: leaAtHospital, type: 'CAB', label: '', rpps: '10000000001', structureId: '1510000029' });
  await registerAddress(db, { address: zoe, type: 'PER', label: 'Dr Zoé L’HÉRITIER-ŒUVRE', rpps: '10000000002' });
  await registerAddress(db, { address: cardiology, type: 'ORG', label: 'Secrétariat de cardiologie', structureId: '1510000029' });
  await registerAddress(db, { address: pharmacy, type: 'ORG', label: 'Officine', structureId: '310000000000017' });
  await db.updateTable('addresses').set({ hosted: false, description: '100 % santé' }).where('address', '=', zoe).execute();
  const skills = ['Cardiologie et maladies vasculaires', 'Médecine vasculaire'];
  const practice = { address: lea, category: 'Civil', profession: 'Médecin' };
  await db
    .insertInto('practices')
    .values(skills.map((skill, index) => ({ ...practice, skill, position: index + 1 })))
    .execute();
}

const equal = (attribute: BookAttribute, value: string): BookFilter => ({ is: 'equal', attribute, value });
const alike = (attribute: BookAttribute, value: string): BookFilter => ({ is: 'alike', attribute, value });
const present = (attribute: BookAttribute): BookFilter => ({ is: 'present', attribute });
const begins = (attribute: BookAttribute, initial: string): BookFilter => ({ is: 'substring', attribute, initial, any: [] });
const contains = (attribute: BookAttribute, ...any: string[]): BookFilter => ({ is: 'substring', attribute, any });
const ends = (attribute: BookAttribute, final: string): BookFilter => ({ is: 'substring', attribute, any: [], final });
const and = (...of: BookFilter[]): BookFilter => ({ is: 'and', of });
const or = (...of: BookFilter[]): BookFilter => ({ is: 'or', of });
const not = (of: BookFilter): BookFilter => ({ is: 'not', of });
const everybody: BookFilter = { is: 'true' };

/** How many connections to this database wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows.length;
}

async function find(filter: BookFilter, limit = 100, after?: Address) {
  const page = await searchBook(db, { filter, limit, timeLimitMs: 20_000, ...(after && { after }) });
  if (page === 'too-long') expect.fail('too long');
  return page;
}
const found = async (filter: BookFilter) => (await find(filter)).entries.map((entry) => entry.address);
const town = [cardiology, lea, leaAtHospital, pharmacy, zoe];

describe('requirement 23: professionals find each other', () => {
  test('an entry says what the registry knows', async () => {
    expect((await find(equal('address', 'LEA.Martin@cabinet.mssante.fr'))).entries).toEqual([
      {
        address: lea,
        type: 'PER',
        displayName: 'Dr Léa MARTIN',
        familyName: 'MARTIN',
        givenName: 'Léa',
        civility: 'Dr',
        rpps: '10000000001',
        structureIds: [],
        structureNames: [],
        professions: ['Médecin'],
        skills: ['Cardiologie et maladies vasculaires', 'Médecine vasculaire'],
        cities: [],
        postalCodes: [],
        departments: [],
        isPaperless: false,
        isPreferred: false,
      },
    ]);
    const place = { cities: ['REIMS'], postalCodes: ['51092'], departments: ['51'], structureNames: ['CENTRE HOSPITALIER DE REIMS'] };
    expect((await find(equal('address', leaAtHospital))).entries).toMatchObject([{ displayName: 'Dr Léa MARTIN', ...place }]);
    const names = ['PHARMACIE DU PORT', 'SELARL DU PORT'];
    expect((await find(equal('address', pharmacy))).entries).toMatchObject([{ structureNames: names, cities: ['AJACCIO'] }]);
  });

  test.each<[string, BookFilter, Address[]]>([
    ['everybody', everybody, town],
    ['a name, folded', equal('familyName', "l'heritier oeuvre"), [zoe]],
    ['a beginning', begins('displayName', 'dr lea'), [lea, leaAtHospital]],
    ['a beginning that ends with a word', begins('displayName', 'DR-Le '), []],
    ['a part with accents', contains('displayName', 'ETARIAT de CARDIO'), [cardiology]],
    ['several parts in order', contains('displayName', 'zoe', 'uvre'), [zoe]],
    ['several parts in disorder', contains('displayName', 'uvre', 'zoe'), []],
    ['an end', ends('displayName', 'artin'), [lea, leaAtHospital]],
    ['an end that is a beginning', ends('displayName', 'dr'), []],
    ['words in any order', alike('displayName', 'Mart le'), [lea, leaAtHospital]],
    ['words of which one is wrong', alike('displayName', 'Martin Luc'), []],
    ['words that are none', alike('displayName', '—'), []],
    ['a piece of an address', contains('address', 'IE_du'), [pharmacy]],
    ['what would be a wildcard', contains('address', 'ie%port'), []],
    ['a backslash', contains('address', 'ie\\_du'), []],
    ['the beginning of an address', begins('address', 'Lea.'), [lea, leaAtHospital]],
    ['the end of an address', ends('address', '@hopital.mssante.fr'), [cardiology, leaAtHospital]],
    ['an RPPS', equal('rpps', '10000000001'), [lea, leaAtHospital]],
    ['a piece of an RPPS', begins('rpps', '1000'), [lea, leaAtHospital, zoe]],
    ['a structure', equal('structureId', '1510000029'), [cardiology, leaAtHospital]],
    ['a sign', begins('structureName', 'pharmacie'), [pharmacy]],
    ['a commune', equal('city', 'Reims'), [cardiology, leaAtHospital]],
    ['a postal code', equal('postalCode', '20000'), [pharmacy]],
    ['a beginning of postal codes', begins('postalCode', '51'), [cardiology, leaAtHospital]],
    ['a department', equal('department', '51'), [cardiology, leaAtHospital]],
    ['a profession', equal('profession', 'medecin'), [lea, leaAtHospital, zoe]],
    ['a speciality', begins('skill', 'medecine'), [lea]],
    ['parts that stand in two specialities', contains('skill', 'maladies', 'medecine'), []],
    ['parts of one speciality', contains('skill', 'maladies', 'vasculaire'), [lea]],
    ['a type', equal('type', 'org'), [cardiology, pharmacy]],
    ['a description with a percent sign', equal('description', '100 % santé'), [zoe]],
    ['those who have an RPPS', present('rpps'), [lea, leaAtHospital, zoe]],
    ['those who have none', not(present('rpps')), [cardiology, pharmacy]],
    ['all but one name', not(equal('familyName', 'martin')), [cardiology, pharmacy, zoe]],
    ['all but one RPPS', not(equal('rpps', '10000000001')), [cardiology, pharmacy, zoe]],
    ['both', and(alike('displayName', 'martin'), equal('city', 'reims')), [leaAtHospital]],
    ['either', or(equal('city', 'ajaccio'), equal('type', 'CAB')), [leaAtHospital, pharmacy]],
    ['nothing of nothing', or(), []],
    ['all of nothing', and(), town],
    ['undefined', { is: 'undefined' }, []],
    ['not undefined', not({ is: 'undefined' }), []],
    ['undefined or true', or({ is: 'undefined' }, everybody), town],
    ['undefined and true', and({ is: 'undefined' }, everybody), []],
    ['not (undefined and false)', not(and({ is: 'undefined' }, { is: 'false' })), town],
    ['what only citizens have', or(present('ins'), equal('birthDate', '1979-03-28'), present('state')), []],
    ['a text with a NUL', or(contains('displayName', 'le\0a'), equal('address', 'lea\0'), equal('rpps', '\0')), []],
    ['a text that would be SQL', equal('displayName', "'); drop table address_book; --"), []],
  ])('%s', async (_, filter, addresses) => {
    expect(await found(filter)).toEqual(addresses);
  });

  test('whatever is typed, nothing breaks; a name typed whole is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc.constantFrom<BookAttribute>('address', 'skill', 'rpps'),
        async (text, attribute) => {
          const asked = [equal, alike, begins, ends, contains].map((ask) => ask(attribute, text));
          await find(or(...asked, not(and(...asked))));
        },
      ),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), async (name) => {
        const label = `Dr ${name.replaceAll('\0', '')}x`;
        await db.updateTable('addresses').set({ label }).where('address', '=', zoe).execute();
        expect(await found(equal('displayName', label))).toEqual([zoe]);
        expect(await found(contains('displayName', label.slice(3)))).toContain(zoe);
      }),
      { numRuns: 40 },
    );
    await db.updateTable('addresses').set({ label: 'Dr Zoé L’HÉRITIER-ŒUVRE' }).where('address', '=', zoe).execute();
  });

  test('pages follow each other without a gap or a double', async () => {
    const first = await find(everybody, 2);
    const second = await find(everybody, 2, first.entries[1]?.address);
    const third = await find(everybody, 2, second.entries[1]?.address);
    expect([first, second, third].map(({ isMore }) => isMore)).toEqual([true, true, false]);
    expect([first, second, third].flatMap(({ entries }) => entries.map((entry) => entry.address))).toEqual(town);
    expect(await find(everybody, 5)).toMatchObject({ isMore: false });
  });

  test('what people type is found through an index', async () => {
    const typed = and(present('address'), or(begins('displayName', 'mart'), begins('familyName', 'mart'), contains('address', 'mart')));
    for (const filter of [typed, equal('rpps', '10000000001'), equal('structureId', '1510000029'), alike('city', 'reims')]) {
      const plan = await db.transaction().execute(async (trx) => {
        await sql`set local enable_seqscan = off`.execute(trx);
        return sql<
          Record<string, string>
        >`explain select address from address_book where ${(await compileFilter(trx, filter)).needed}`.execute(trx);
      });
      expect(JSON.stringify(plan.rows)).toMatch(/Index Cond/);
    }
  });
});

describe('requirement 19: who must not appear does not', () => {
  type Change = Partial<Pick<AddressesTable, 'suspended_for'> & { red_list: boolean; published: boolean; state: BoxState }>;
  const hidden: [string, Change][] = [
    ['red-listed', { red_list: true }],
    ['withdrawn', { published: false }],
    ['suspended', { state: 'suspended', suspended_for: 'decision' }],
    ['closed', { state: 'closed' }],
    ['not open yet', { state: 'pending' }],
  ];
  const shown = { red_list: false, published: true, state: 'reopened', suspended_for: null } as const;

  test.each(hidden)('a mailbox that is %s leaves the book with the change itself', async (_, row) => {
    await db.updateTable('addresses').set(row).where('address', '=', pharmacy).execute();
    expect(await found(everybody)).not.toContain(pharmacy);
    await db.updateTable('addresses').set(shown).where('address', '=', pharmacy).execute();
    expect(await found(everybody)).toEqual(town);
  });

  test('a rename under way does not bring back a mailbox that is being hidden', async () => {
    const rename = (familyName: string) =>
      registerProfessional(db, { rpps: '10000000001', civility: 'Dr', familyName, givenName: 'Léa', profession: 'Médecin' });
    let renamed: Promise<void> | undefined;
    await db.transaction().execute(async (trx) => {
      await trx.updateTable('addresses').set({ red_list: true }).where('address', '=', lea).execute();
      renamed = rename('MARTIN-DURAND');
      await until('the rename waits', async () => (await waiting()) > 0);
    });
    await renamed;
    expect(await found(equal('familyName', 'Martin Durand'))).toEqual([leaAtHospital]);
    await rename('MARTIN');
    await db.updateTable('addresses').set({ red_list: false }).where('address', '=', lea).execute();
    expect(await found(equal('familyName', 'Martin'))).toEqual([lea, leaAtHospital]);
  });
});

describe('a person who is renamed at the instant a mailbox is made for them is found by the new name', () => {
  const person = { civility: 'Dr', familyName: 'AUBERT', givenName: 'Zoé', profession: 'Médecin' };
  const rename = (on: Db, familyName: string) => registerProfessional(on, { ...person, rpps: '10000000003', familyName });
  const make = (on: Db, of: Address) => registerAddress(on, { address: of, type: 'PER', label: '', rpps: '10000000003' });

  test('when the renaming came first, and when the mailbox did', async () => {
    await rename(db, 'AUBERT');
    const [early, late] = [address('aubert.1@cabinet.mssante.fr'), address('aubert.2@cabinet.mssante.fr')];
    let other: Promise<void> | undefined;
    await db.transaction().execute(async (trx) => {
      await rename(trx, 'BERGER');
      other = make(db, early);
      await until('the mailbox waits', async () => (await waiting()) > 0);
    });
    await other;
    expect(await found(equal('familyName', 'berger'))).toEqual([early]);
    await db.transaction().execute(async (trx) => {
      await make(trx, late);
      other = rename(db, 'CHARLES');
      await until('the renaming waits', async () => (await waiting()) > 0);
    });
    await other;
    expect(await found(equal('familyName', 'charles'))).toEqual([early, late]);
    await db.deleteFrom('addresses').where('address', 'in', [early, late]).execute();
    expect(await found(everybody)).toEqual(town);
  });
});

describe('the book follows the registry', () => {
  test('people, structures and what is practised', async () => {
    await registerStructure(db, { structureId: '1510000029', name: 'HÔPITAL NORD' });
    expect(await found(equal('structureName', 'hopital nord'))).toEqual([cardiology, leaAtHospital]);
    const practice = { address: zoe, position: 1, profession: 'Sage-Femme', structure_id: '1510000029' };
    await db.insertInto('practices').values(practice).execute();
    expect(await found(and(equal('profession', 'sage femme'), equal('structureId', '1510000029')))).toEqual([zoe]);
    await registerStructure(db, { structureId: '1510000029', name: 'CENTRE HOSPITALIER DE REIMS' });
    expect(await found(begins('structureName', 'centre'))).toEqual([cardiology, leaAtHospital, zoe]);
    await db.deleteFrom('practices').where('address', '=', zoe).execute();
    expect(await found(equal('profession', 'sage femme'))).toEqual([]);
  });

  test('a mailbox that is removed', async () => {
    const gone = address('parti@hopital.mssante.fr');
    await registerAddress(db, { address: gone, type: 'ORG', label: 'Parti', structureId: '1510000029' });
    await db.insertInto('practices').values({ address: gone, position: 1, profession: 'Médecin' }).execute();
    expect(await found(equal('displayName', 'parti'))).toEqual([gone]);
    await db.deleteFrom('addresses').where('address', '=', gone).execute();
    expect(await found(equal('displayName', 'parti'))).toEqual([]);
  });

  test('a bulk transaction, when it says so, at its end', async () => {
    const many = Array.from({ length: 30 }, (_, index) => address(`lot${index}@hopital.mssante.fr`));
    await db.transaction().execute(async (trx) => {
      await sql`select set_config('passerelle.bulk', 'on', true)`.execute(trx);
      for (const one of many) await registerAddress(trx, { address: one, type: 'ORG', label: 'Lot', structureId: '1510000029' });
      await trx.updateTable('addresses').set({ red_list: true }).where('address', '=', zoe).execute();
      const counted = await sql<{ lots: number }>`select count(*) as lots from address_book where display_name = 'Lot'`.execute(trx);
      expect(counted.rows[0]?.lots).toBe(0);
      await sql`select refresh_address_book(null)`.execute(trx);
    });
    expect((await found(equal('displayName', 'lot'))).length).toBe(30);
    expect(await found(everybody)).not.toContain(zoe);
    await db.deleteFrom('addresses').where('address', 'in', many).execute();
    await db.updateTable('addresses').set({ red_list: false }).where('address', '=', zoe).execute();
    expect(await found(everybody)).toEqual(town);
  });
});

describe('a search ends', () => {
  /** Runs while the book cannot be read. */
  async function whileHeld(run: () => Promise<void>): Promise<void> {
    await db.transaction().execute(async (trx) => {
      await sql`lock table address_book in access exclusive mode`.execute(trx);
      await run();
    });
  }

  test('at its time limit', async () => {
    await whileHeld(async () => {
      expect(await searchBook(db, { filter: everybody, limit: 10, timeLimitMs: 50 })).toBe('too-long');
    });
    expect(await found(everybody)).toEqual(town);
  });

  test('when nobody waits for it any more, in the database too', async () => {
    const abandon = new AbortController();
    await whileHeld(async () => {
      const search = searchBook(db, { filter: everybody, limit: 10, timeLimitMs: 600_000, signal: abandon.signal });
      const outcome = search.then(
        () => 'answered',
        (error) => error,
      );
      await until('the search waits', async () => (await waiting()) > 0);
      abandon.abort(new Error('abandoned'));
      expect(await outcome).toMatchObject({ message: 'abandoned' });
      expect(await waiting()).toBe(0);
    });
    await expect(searchBook(db, { filter: everybody, limit: 10, timeLimitMs: 50, signal: abandon.signal })).rejects.toThrow('abandoned');
    expect(await found(everybody)).toEqual(town);
  });
});
