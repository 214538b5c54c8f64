// What an extraction changes in the registry, what it never does, and what it says beforehand.

import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { createAddress } from '../../../directory/addresses.ts';
import type { ImportOutcome } from '../../../directory/extraction/run-import.ts';
import { listImports } from '../../../directory/imports/import-record.ts';
import { listRejects } from '../../../directory/imports/rejects.ts';
import { registerAddress, registerProfessional, registerStructure } from '../../../directory/registry.ts';
import { resolveAddresses } from '../../../directory/resolve-addresses.ts';
import { address } from '../../support/address.ts';
import { extractionLines, publishedHeader } from '../../support/extraction-lines.ts';
import { type ExtractionWorld, extractionWorld, headerLine, lineOf, organisation, person } from './extraction-world.ts';

let world: ExtractionWorld;
beforeEach(async () => {
  world = await extractionWorld();
});
afterEach(() => world.close());

const doctor = 'lea.martin@medecin.fictif.mssante.fr';
const addressesOf = (outcome: ImportOutcome) => ('plan' in outcome ? outcome.plan.addresses : expect.fail(outcome.result));
const box = async (of: string) => {
  const row = await world.db.selectFrom('addresses').selectAll().where('address', '=', address(of)).executeTakeFirst();
  return row ?? expect.fail('no such address');
};
const many = (count: number, cells = {}) =>
  Array.from({ length: count }, (_, index) => lineOf(person({ address: `p.${index}@medecin.fictif.mssante.fr`, ...cells })));

describe('requirement 24: what the file says is what the registry has', () => {
  test('an address on several lines has as many practices, and is found nowhere as one of ours', async () => {
    const lines = [
      lineOf(person({ service: 'Cardiologie', skillCode: 'SM04', skill: 'Cardiologie' })),
      lineOf(person({ service: 'Urgences', structureId: '990001099', structureName: 'Autre clinique' })),
      lineOf(organisation()),
    ];
    const outcome = await world.take(lines);
    expect(outcome).toMatchObject({ result: 'applied', plan: { professionals: { added: 1 }, structures: { added: 2 } } });
    expect(await box(doctor)).toMatchObject({
      type: 'PER',
      hosted: false,
      label: 'Dr Léa MARTIN',
      rpps: '99700101005',
      structure_id: '1990001014',
      service: 'Cardiologie',
      paperless: true,
      published: true,
      state: 'active',
    });
    expect(await box('accueil@clinique.fictif.mssante.fr')).toMatchObject({ type: 'ORG', label: 'Clinique de test, Accueil', rpps: null });
    const practices = await world.db.selectFrom('practices').selectAll().orderBy('address').orderBy('position').execute();
    expect(practices.map((row) => [row.address, row.position, row.skill_code, row.structure_id, row.service])).toEqual([
      [doctor, 1, 'SM04', '1990001014', 'Cardiologie'],
      [doctor, 2, null, '1990001099', 'Urgences'],
    ]);
    expect((await resolveAddresses(world.db, 'patient.mssante.fr', [address(doctor)])).size).toBe(0);
  });

  test('a listed mailbox that moves here is ours from then on: the extraction that still has it, or has it no more, changes nothing of it', async () => {
    const listed = lineOf(person());
    await world.take([listed, lineOf(organisation())]);
    const moved = { address: address(doctor), type: 'PER', label: 'Léa MARTIN, ici', rpps: '99700101005', paperless: true } as const;
    expect(await world.db.transaction().execute((trx) => createAddress(trx, moved))).toBe('created');
    const before = await box(doctor);
    expect(before).toMatchObject({ hosted: true, state: 'active', label: 'Léa MARTIN, ici', published: true });
    expect(await resolveAddresses(world.db, 'patient.mssante.fr', [address(doctor)])).toHaveProperty('size', 1);
    const other = lineOf(person({ familyName: 'AUTRE', skillCode: 'SM04', service: 'Ailleurs' }));
    expect(addressesOf(await world.take([other, lineOf(organisation())]))).toMatchObject({ 'ours-same': 1, unchanged: 1, withdrawn: 0 });
    expect(addressesOf(await world.take([lineOf(organisation())]))).toMatchObject({ 'ours-not-listed': 1, unchanged: 1, withdrawn: 0 });
    expect(await box(doctor)).toEqual(before);
    const named = await world.db.selectFrom('professionals').select('family_name').executeTakeFirst();
    expect(named).toEqual({ family_name: 'MARTIN' });
  });

  test('names of columns in another spelling, in another order, with others between them', async () => {
    const names = publishedHeader.split('|').map((name, index) => (index % 2 ? name.toUpperCase().replace(/'/g, '’') : ` ${name} `));
    const [line = ''] = extractionLines(1);
    const order = names.map((_, index) => (index * 7) % names.length);
    const shuffled = (cells: readonly string[]) => order.map((at) => cells[at] ?? '').join('|');
    const file = await world.write('other.txt', `\ufeffInconnue|${shuffled(names)}|\r\n"x"|${shuffled(line.split('|'))}|\r\n\r\n`);
    const outcome = await world.run(file);
    expect(outcome).toMatchObject({ result: 'applied', ignoredColumns: ['Inconnue'], record: { linesTaken: 1, refused: 0 } });
    await world.take([line], { isForced: true });
    expect(addressesOf(await world.run(file))).toMatchObject({ unchanged: 1, changed: 0 });
  });

  test.each([
    ['no header', 'PER|x@y.fr\n', 'no-header', []],
    ['nothing', '', 'empty', []],
    ['a missing column', `${headerLine.replace('Code postal structure BAL', 'Autre')}\n`, 'columns-missing', ['Code postal structure BAL']],
    ['a repeated column', `${headerLine}|ADRESSE BAL\n`, 'columns-repeated', ['Adresse BAL']],
  ])('a file with %s is refused as a whole, and what was open stays open', async (_case, content, trouble, columns) => {
    await world.take([lineOf(person())], { isDryRun: true });
    expect(await world.run(await world.write('wrong.txt', content))).toEqual({ result: 'unreadable', trouble, columns });
    expect(await listImports(world.db, { limit: 10 })).toMatchObject([{ state: 'read' }]);
  });

  test('a ZIP archive of one text, as the national directory gives it; two texts, or a damaged one, are refused', async () => {
    const text = Buffer.from([publishedHeader, ...extractionLines(500)].join('\n'));
    const zip = async (name: string, files: readonly string[]) => {
      const archive = new ZipFile();
      for (const file of files) archive.addBuffer(text, file);
      archive.end();
      const path = await world.write(name, '');
      await pipeline(archive.outputStream, createWriteStream(path));
      return path;
    };
    expect(await world.run(await zip('good.zip', ['Extraction_Correspondance_MSSante.txt']))).toMatchObject({
      record: { linesTaken: 500 },
    });
    expect(await world.run(await zip('two.zip', ['a.txt', 'b.txt']))).toMatchObject({ trouble: 'several' });
    const damaged = await zip('damaged.zip', ['a.txt']);
    const bytes = await readFile(damaged);
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle);
    await writeFile(damaged, bytes);
    expect(await world.run(damaged)).toMatchObject({ result: 'unreadable', trouble: 'damaged-archive' });
    expect((await listImports(world.db, { limit: 2 })).map(({ state }) => state)).toEqual(['abandoned', 'applied']);
    expect(await world.run('/nowhere/at-all.txt')).toMatchObject({ trouble: 'missing' });
  });
});

describe('what an extraction changes', () => {
  test('a dry run says what would change and changes nothing; the same file then is applied without being read again', async () => {
    await world.take(many(10));
    const lines = [
      ...many(9, { paperless: 'N' }).slice(0, 2),
      ...many(9).slice(2),
      lineOf(person({ address: 'nouvelle@medecin.fictif.mssante.fr' })),
    ];
    const before = await world.export();
    const file = await world.write('next.txt', [headerLine, ...lines].join('\n'));
    const planned = await world.run(file, { isDryRun: true });
    expect(planned).toMatchObject({
      result: 'planned',
      record: { state: 'read', counts: { added: 1, changed: 2, withdrawn: 1 } },
      plan: {
        addresses: { added: 1, changed: 2, unchanged: 7, withdrawn: 1, conflict: 0 },
        samples: { withdrawn: ['p.9@medecin.fictif.mssante.fr'], added: ['nouvelle@medecin.fictif.mssante.fr'] },
        listed: 10,
      },
    });
    expect(await world.export()).toBe(before);
    const read: number[] = [];
    const applied = await world.run(file, { onProgress: (line) => read.push(line) });
    expect(applied).toMatchObject({ result: 'applied', plan: { addresses: addressesOf(planned) } });
    expect(read).toEqual([]);
    expect(await world.db.selectFrom('imports').select('state').orderBy('import_id').execute()).toEqual([
      { state: 'applied' },
      { state: 'applied' },
    ]);
    expect(await sql`select from import_lines`.execute(world.db)).toMatchObject({ rows: [] });
  });

  test('requirement 18: an address that left and comes back is the same one; under another type it is refused', async () => {
    await world.take(many(10));
    await world.take(many(9));
    expect(await box('p.9@medecin.fictif.mssante.fr')).toMatchObject({ published: false });
    expect(await world.export()).not.toContain('p.9@');
    const other = lineOf(person({ address: 'p.9@medecin.fictif.mssante.fr', type: 'CAB' }));
    expect(addressesOf(await world.take([...many(9), other]))).toMatchObject({ conflict: 1, withdrawn: 0, changed: 0 });
    expect(await box('p.9@medecin.fictif.mssante.fr')).toMatchObject({ type: 'PER', published: false });
    expect(addressesOf(await world.take(many(10)))).toMatchObject({ returned: 1 });
    expect(await box('p.9@medecin.fictif.mssante.fr')).toMatchObject({ published: true });
  });

  test('a file that would withdraw more than a fifth is not applied, unless it is forced; nothing has changed meanwhile', async () => {
    await world.take(many(10));
    const before = await world.export();
    const file = await world.write('short.txt', [headerLine, ...many(7)].join('\n'));
    expect(await world.run(file)).toMatchObject({ result: 'too-many-withdrawn', plan: { listed: 10, addresses: { withdrawn: 3 } } });
    expect(await world.export()).toBe(before);
    expect(await world.run(file, { isForced: true })).toMatchObject({ result: 'applied' });
    expect((await world.export()).split('\n')).toHaveLength(9);
  });

  test('an address whose only line is refused stays as it was', async () => {
    await world.take(many(4));
    const wrong = lineOf(person({ address: 'p.3@medecin.fictif.mssante.fr', paperless: '?' }));
    const outcome = await world.take([...many(3), wrong]);
    expect(outcome).toMatchObject({
      result: 'applied',
      plan: { addresses: { kept: 1, withdrawn: 0 }, samples: { kept: ['p.3@medecin.fictif.mssante.fr'] } },
    });
    expect(await box('p.3@medecin.fictif.mssante.fr')).toMatchObject({ published: true, paperless: true });
  });

  test('what stands here is compared and never changed: the mailbox, its holder, its structure', async () => {
    const { db } = world;
    await registerProfessional(db, {
      rpps: '99700101005',
      civility: 'Mme',
      familyName: 'MARTIN-DUPONT',
      givenName: 'Léa',
      profession: 'Médecin',
    });
    await registerStructure(db, { structureId: '1990001014', name: 'Notre nom' });
    const ours = { type: 'PER', rpps: '99700101005', label: 'X' } as const;
    await registerAddress(db, { ...ours, address: address('lea@ici.mssante.fr') });
    await registerAddress(db, { ...ours, address: address('rouge@ici.mssante.fr'), redList: true });
    await registerAddress(db, { ...ours, address: address('absente@ici.mssante.fr') });
    await registerAddress(db, {
      address: address('accueil@ailleurs.mssante.fr'),
      type: 'ORG',
      structureId: '1990001014',
      label: 'Accueil',
    });
    const before = await db.selectFrom('addresses').selectAll().orderBy('address').execute();
    const outcome = await world.take([
      lineOf(person({ address: 'lea@ici.mssante.fr', paperless: 'N' })),
      lineOf(person({ address: 'rouge@ici.mssante.fr' })),
      lineOf(person({ address: 'inconnue@ici.mssante.fr' })),
      lineOf(organisation({ address: 'accueil@ailleurs.mssante.fr', structureId: '990001077' })),
      lineOf(person()),
    ]);
    expect(outcome).toMatchObject({
      result: 'applied',
      plan: {
        addresses: { added: 1, 'ours-same': 1, 'ours-differs': 2, 'ours-unknown': 1, 'ours-not-listed': 1 },
        samples: {
          'ours-differs': ['accueil@ailleurs.mssante.fr', 'rouge@ici.mssante.fr'],
          'ours-unknown': ['inconnue@ici.mssante.fr'],
          'ours-not-listed': ['absente@ici.mssante.fr'],
        },
        professionals: { added: 0, changed: 0, ours: 1 },
        structures: { added: 0, changed: 0, ours: 1 },
      },
    });
    expect(await db.selectFrom('addresses').selectAll().where('hosted', '=', true).orderBy('address').execute()).toEqual(before);
    expect(await db.selectFrom('professionals').select('family_name').execute()).toEqual([{ family_name: 'MARTIN-DUPONT' }]);
    expect(await db.selectFrom('structures').select('name').execute()).toEqual([{ name: 'Notre nom' }]);
  });

  test('requirement 59: the history names the import, and says what it changed and nothing more', async () => {
    await world.take(many(5));
    await world.take(many(5));
    expect(await world.db.selectFrom('directory_history').selectAll().execute()).toEqual([]);
    const outcome = await world.take([...many(4), ...many(5, { professionCode: '60', profession: 'Infirmier' }).slice(4)]);
    expect(addressesOf(outcome)).toMatchObject({ changed: 1, unchanged: 4 });
    const lines = await world.db.selectFrom('directory_history').select(['by', 'subject_kind', 'subject_id', 'change']).execute();
    expect(new Set(lines.map(({ by }) => by))).toEqual(new Set(['record' in outcome && `import ${outcome.record.importId}`]));
    expect(lines).toMatchObject([
      { subject_kind: 'address', subject_id: 'p.4@medecin.fictif.mssante.fr', change: { profession: ['Médecin', 'Infirmier'] } },
    ]);
  });

  test('requirement 23: the address book finds what was imported, and not what was withdrawn', async () => {
    const found = async () =>
      (await sql<{ address: string }>`select address from address_book order by address`.execute(world.db)).rows.length;
    await world.take(many(10));
    expect(await found()).toBe(10);
    await world.take([...many(8), lineOf(person({ address: 'p.8@medecin.fictif.mssante.fr', structureName: 'Nouveau nom' }))]);
    expect(await found()).toBe(9);
    // The first address decides how the structure is called.
    await world.take(many(9, { structureName: 'Nouveau nom' }));
    const { rows } = await sql<{ names: string[] }>`select distinct structure_names as names from address_book`.execute(world.db);
    expect(rows).toEqual([{ names: ['Nouveau nom'] }]);
  });
});

test('ten thousand refusals are kept and all are counted', async () => {
  const lines = Array.from({ length: 12_000 }, () => 'PER|');
  const outcome = await world.take([...lines, lineOf(person())]);
  expect(outcome).toMatchObject({ result: 'applied', record: { refused: 12_000, reasons: { 'cells-missing': 12_000 }, linesTaken: 1 } });
  expect(await listRejects(world.db, 'record' in outcome ? outcome.record.importId : 0, 20_000)).toHaveLength(10_000);
});
