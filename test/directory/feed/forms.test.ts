// The two forms of a feed, there and back: what is exported is taken again, by whoever.
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ExportedForm } from '../../../directory/feed/export-citizens.ts';
import { fictionalCitizen } from '../../scale/fictional-citizens.ts';
import { type FeedTown, ins, line, openFeedTown } from './feed-town.ts';

let town: FeedTown;
beforeAll(async () => {
  town = await openFeedTown();
});
afterAll(() => town.close());
const forget = () => sql`truncate citizens, former_matricules, attached_profiles, awaited_guardians cascade`.execute(town.db);
afterEach(forget);

const [lea, hugo] = [ins('2790399100002'), ins('1850199100001')];
const forms: readonly ExportedForm[] = [{ form: 'csv' }, { form: 'ldif', baseDn: 'o=mssante,c=fr' }];

const name = fc
  .string({
    unit: fc.constantFrom('A', 'É', 'œ', 'ß', 'Ł', ' ', '-', '’', "'", ';', ',', ':', '#', '\\', '.', '5'),
    minLength: 1,
    maxLength: 60,
  })
  .map((text) => `L${text}`.trim().replace(/ +/g, ' '));
const maybe = fc.option(name, { nil: '' });
const day = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 12 });
const people = numbers.chain((all) =>
  fc.tuple(
    ...all.map((number) =>
      fc.record({
        number: fc.constant(number),
        arc: fc.constantFrom('8', '9', '10', '11'),
        names: fc.tuple(name, name, maybe, maybe, maybe),
        birthDate: day,
        place: fc.constantFrom('', '51215', '2A004', '99100'),
        sex: fc.constantFrom('F', 'M'),
        qualified: fc.constantFrom('oui', 'non'),
        state: fc.constantFrom('cree', 'active', 'oppose', 'ferme', 'rouvert'),
        former: fc.boolean(),
        guardian: fc.option(fc.integer({ min: 0, max: 6000 }), { nil: undefined }),
      }),
    ),
  ),
);

describe('a registry that is exported and taken into an empty one is the same', () => {
  test.each(forms)('$form', async (form) => {
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        await forget();
        const lines = all.map((one) => {
          const matricule = fictionalCitizen(one.number).ins;
          const former = one.former ? fictionalCitizen(one.number + 10_000).ins : '';
          const guardian = one.guardian === undefined || one.guardian === one.number ? '' : fictionalCitizen(one.guardian).ins;
          const { arc, names, birthDate, place, sex, qualified, state } = one;
          return [matricule, arc, ...names, birthDate, place, sex, qualified, state, former, guardian].map(quoted).join(',');
        });
        const columns =
          'matricule,oid,nom_naissance,premier_prenom,prenoms,nom_utilise,prenom_utilise,date_naissance,lieu_naissance,sexe,qualifiee,etat,matricule_precedent,representants';
        expect(await town.take(await town.write([columns, ...lines].join('\r\n')))).toMatchObject({ counts: { created: all.length } });
        const before = await town.citizens();
        const file = await town.write(await town.exportTo(form), form.form);
        expect(await town.take(file)).toMatchObject({ counts: { unchanged: all.length, changed: 0, refused: 0 } });
        await forget();
        expect(await town.take(file)).toMatchObject({ result: 'applied', counts: { created: all.length, refused: 0 } });
        expect(await town.citizens()).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });

  test('LDIF stays within 76 columns and ASCII, as RFC 2849 asks', async () => {
    await town.takeLines([line(lea, { name: 'É'.repeat(90) }), line(hugo, { guardians: lea })]);
    const text = await town.exportTo({ form: 'ldif', baseDn: 'o=mssante,c=fr' });
    expect(text).toMatch(/^version: 1\n\ndn: mssINS=/);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(Math.max(...text.split('\n').map((one) => one.length))).toBeLessThanOrEqual(76);
  });
});

describe('LDIF', () => {
  const ldif = (...records: string[]) => `version: 1\n# ${'a comment '.repeat(3)}\n  that goes on\n\n${records.join('\n\n')}\n`;
  const added = `dn: mssINS=${lea},ou=patients,o=region\nobjectClass: inetOrgPerson\nsn: MARTIN\ngivenName: LEA\nmssBirthDate: 1979-\n 03-28\nmssSex: F`;

  test('records add citizens, change them, and close their mailboxes', async () => {
    await town.take(await town.write(ldif(added), 'ldif'));
    expect(await town.citizens()).toMatchObject([
      { ins: lea, birth_name: 'MARTIN', birth_date: '1979-03-28', state: 'created', used_name: null },
    ]);
    const dn = `dn: mssINS=${lea},ou=patients,o=region`;
    const changes = ldif(
      `${dn}\nchangetype: modify\nreplace: mssUsedName\nmssUsedName:: ${Buffer.from('D’ÉTÉ').toString('base64')}\n-\nadd: mssFormerINS\nmssFormerINS: ${hugo}\n-`,
      `${dn}\nchangetype: delete`,
    );
    expect(await town.take(await town.write(changes, 'ldif'))).toMatchObject({ counts: { changed: 2, stateChanged: 1 } });
    expect(await town.citizens()).toMatchObject([{ ins: lea, used_name: 'D’ÉTÉ', state: 'closed', formers: [hugo] }]);
    await town.take(await town.write(ldif(`${dn}\nchangetype: modify\ndelete: mssUsedName\n-`), 'ldif'));
    expect(await town.citizens()).toMatchObject([{ used_name: null }]);
  });

  test('what is no record, and what nobody here can do, is refused with its line', async () => {
    const dn = `dn: mssINS=${hugo},ou=patients,o=region`;
    const outcome = await town.take(
      await town.write(
        ldif(
          added,
          `${dn}\nchangetype: modify\nreplace: sn\nsn: DURAND\n-`,
          `${dn}\nchangetype: modrdn\nnewrdn: mssINS=${lea}`,
          `${dn}\nchangetype: modify\nadd: mssGuardianINS\nmssGuardianINS: ${lea}\n-`,
          `${dn}\nsn:< file:///etc/passwd`,
          `${dn}\nsn:: %%%`,
          `${dn}\nsn: A\nsn: B`,
          `sn: MARTIN`,
          `${dn}\n${'sn: MARTIN\n'.repeat(8000)}`.trim(),
        ),
        'ldif',
      ),
    );
    expect((await town.refusals(outcome)).map(([, column, reason]) => [column, reason])).toEqual([
      ['matricule', 'citizen-unknown'],
      [undefined, 'ldif-change'],
      [undefined, 'ldif-change'],
      [undefined, 'ldif-syntax'],
      [undefined, 'ldif-syntax'],
      ['nom_naissance', 'several-values'],
      [undefined, 'ldif-syntax'],
      [undefined, 'too-long'],
    ]);
    expect(outcome).toMatchObject({ counts: { created: 1, refused: 8 } });
  });
});

test('any bytes at all are refused line by line, and never stop the feed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.constantFrom('csv', 'ldif'), async (bytes, extension) => {
      await forget();
      const first = extension === 'csv' ? 'matricule;nom_naissance;premier_prenom;date_naissance;sexe\n' : 'version: 1\n\n';
      const last = `\n\n${lea};MARTIN;LEA;1979-03-28;F\n`;
      const lastLdif = `\n\ndn: mssINS=${lea}\nsn: MARTIN\ngivenName: LEA\nmssBirthDate: 1979-03-28\nmssSex: F\n`;
      const file = await town.write(
        Buffer.concat([Buffer.from(first), bytes, Buffer.from(extension === 'csv' ? last : lastLdif)]),
        extension,
      );
      expect(await town.take(file)).toMatchObject({ result: 'applied' });
      expect((await town.citizens()).length).toBe(1);
    }),
    { numRuns: 60 },
  );
});
