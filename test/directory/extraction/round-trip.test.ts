// What is exported and imported again is the same registry; and what must not leave it does not.
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { extractionFields } from '../../../directory/extraction/columns.ts';
import { registerAddress, registerProfessional, registerStructure } from '../../../directory/registry.ts';
import type { AddressesTable } from '../../../directory/schema.ts';
import { address } from '../../support/address.ts';
import { type ExtractionWorld, extractionWorld, headerLine, lineOf } from './extraction-world.ts';

let here: ExtractionWorld;
let there: ExtractionWorld;
beforeAll(async () => {
  [here, there] = [await extractionWorld(), await extractionWorld()];
});
afterAll(async () => {
  await here.close();
  await there.close();
});
beforeEach(empty);

async function empty(): Promise<void> {
  for (const { db } of [here, there]) {
    await sql`truncate addresses, practices, professionals, structures, address_book, imports, import_lines, import_rejects cascade`.execute(
      db,
    );
  }
}

/** Everything the extraction knows of a registry. */
async function contentOf({ db }: ExtractionWorld): Promise<unknown> {
  const addresses = db
    .selectFrom('addresses')
    .select(['address', 'type', 'hosted', 'label', 'rpps', 'structure_id', 'service', 'paperless']);
  const professionals = db.selectFrom('professionals').select(['rpps', 'civility', 'family_name', 'given_name', 'profession']);
  const structures = await sql`select to_jsonb(s) - 'created_at' - 'created_by' as row from structures s order by structure_id`.execute(db);
  return [
    await addresses.orderBy('address').execute(),
    await db.selectFrom('practices').selectAll().orderBy('address').orderBy('position').execute(),
    await professionals.orderBy('rpps').execute(),
    structures.rows,
  ];
}

// Few numbers, so that addresses share people and structures; texts with what other formats trip over.
const word = fc.oneof(
  fc.constantFrom(
    '',
    '',
    'Médecin',
    "d'Hérouville",
    '"Les Tilleuls"',
    'a;b,c\tù',
    '\\N',
    'NULL',
    '{x,"y"}',
    "'; --",
    '\u0065\u0301',
    'ﬁn',
    '𝔄',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const filled = word.map((text) => `N${text}`);
const other = Object.fromEntries(
  extractionFields
    .slice(extractionFields.indexOf('categoryCode'))
    .map((field) => [field, field === 'paperless' ? fc.constantFrom('O', 'N', '') : word]),
);
const lines = fc.array(
  fc
    .record({
      ...other,
      type: fc.constantFrom('PER', 'PER', 'CAB', 'ORG'),
      number: fc.integer({ min: 0, max: 30 }),
      person: fc.integer({ min: 0, max: 8 }),
      structure: fc.integer({ min: 0, max: 6 }),
      service: word,
      civility: word,
      familyName: filled,
      givenName: word,
    })
    .map(({ type, number, person, structure, civility, familyName, givenName, ...cells }) => {
      const hasStructure = type === 'ORG' || structure > 0;
      const id = structure % 2 ? `199000${100 + structure}4` : `399000100010${100 + structure}`.slice(0, 15);
      return lineOf({
        ...(cells as Record<string, string>),
        type: String(type),
        address: `${type}.${number}@fictif.mssante.fr`,
        ...(hasStructure && { structureIdKind: id.slice(0, 1), structureId: id }),
        ...(type !== 'ORG' && { personId: `9970010100${person}`, civility, familyName, givenName }),
      });
    }),
  { minLength: 1, maxLength: 80 },
);

describe('requirement 24: an export is an extraction', () => {
  test('importing what was exported gives the same registry, and the same export', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (taken) => {
        await empty();
        await here.take(taken);
        const text = await here.export();
        const outcome = await there.run(await there.write('exported.txt', text));
        expect(outcome).toMatchObject({ result: 'applied', record: { refused: 0, noted: 0 } });
        expect(await contentOf(there)).toEqual(await contentOf(here));
        expect(await there.export()).toBe(text);
        expect(await there.run(await there.write('again.txt', `${text}\n`))).toMatchObject({
          plan: { addresses: { added: 0, changed: 0, withdrawn: 0 }, professionals: { changed: 0 }, structures: { changed: 0 } },
        });
      }),
      { numRuns: 12 },
    );
  }, 240_000);

  test('31 columns; a separator or a line end in a name does not add a cell', async () => {
    await register('PER', 'a@ici.mssante.fr', { service: 'A|B\r\nC\u2028D\u202e' });
    const [header = '', line = '', end] = (await here.export(false)).split('\n');
    expect(header.split('|')).toHaveLength(31);
    expect(line.split('|')).toHaveLength(31);
    expect(line).toContain('|A B C D|');
    expect(end).toBe('');
  });

  test('mailboxes kept here, exported, are what another registry lists', async () => {
    await register('PER', 'a@ici.mssante.fr', { service: 'Cardiologie' });
    await register('CAB', 'b@ici.mssante.fr');
    await register('ORG', 'c@ici.mssante.fr', { paperless: true });
    const text = await here.export(false);
    // A structure's mailbox does not tell who answers for it.
    expect(text.split('\n').find((line) => line.startsWith('ORG'))).not.toContain('99700101005');
    const outcome = await there.run(await there.write('theirs.txt', text), { hosted: [] });
    expect(outcome).toMatchObject({ result: 'applied', plan: { addresses: { added: 3 } }, record: { refused: 0, noted: 0 } });
    expect(await there.export()).toBe(text);
  });
});

describe('requirement 19: what is not to be seen is not exported', () => {
  test.each([
    ['red-listed', { red_list: true }],
    ['unpublished', { published: false }],
    ['pending', { state: 'pending' }],
    ['suspended', { state: 'suspended', suspended_for: 'idle' }],
    ['closed', { state: 'closed' }],
  ] as const)('a mailbox that is %s', async (_case, columns) => {
    await register('PER', 'a@ici.mssante.fr', columns);
    expect(await here.export(false)).toBe(`${headerLine}\n`);
    expect(await here.export(true)).toBe(`${headerLine}\n`);
  });

  test('an APP mailbox; and, unless all are wanted, those listed elsewhere', async () => {
    await register('APP', 'a@ici.mssante.fr');
    await register('ORG', 'b@ailleurs.mssante.fr', { hosted: false });
    expect(await here.export(false)).toBe(`${headerLine}\n`);
    expect(await here.export(true)).toContain('b@ailleurs.mssante.fr');
  });
});

async function register(type: AddressesTable['type'], text: string, columns: Partial<AddressColumns> = {}): Promise<void> {
  const person = { rpps: '99700101005', civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' };
  await registerProfessional(here.db, person);
  await registerStructure(here.db, { structureId: '1990001014', name: 'Clinique de test' });
  await registerAddress(here.db, { address: address(text), type, label: 'X', rpps: person.rpps, structureId: '1990001014' });
  await here.db
    .updateTable('addresses')
    .set({ service: null, ...columns })
    .where('address', '=', address(text))
    .execute();
}

type AddressColumns = Pick<AddressesTable, 'service' | 'suspended_for'> & {
  red_list: boolean;
  published: boolean;
  paperless: boolean;
  hosted: boolean;
  state: 'pending' | 'suspended' | 'closed';
};
