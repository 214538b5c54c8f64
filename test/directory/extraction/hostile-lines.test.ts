// Two hundred lines that must not be taken, among good ones: each refused for its own reason, and none of the good ones lost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnNames, type ExtractionField, extractionFields } from '../../../directory/extraction/columns.ts';
import type { LineRefusal, LineRemark } from '../../../directory/extraction/line-reasons.ts';
import { listRejects } from '../../../directory/imports/rejects.ts';
import { insKey } from '../../../src/core/ins.ts';
import { type ExtractionWorld, extractionWorld, headerLine, lineOf, organisation, person } from './extraction-world.ts';

type Cells = Partial<Record<ExtractionField, string>>;
type Case = readonly [LineRefusal, ExtractionField | undefined, Buffer];

const line = (reason: LineRefusal, field: ExtractionField | undefined, text: string): Case => [reason, field, Buffer.from(text)];
const wrong = (reason: LineRefusal, field: ExtractionField, cells: Cells, of: Cells = person()): Case =>
  line(reason, field, lineOf({ ...of, ...cells }));
const each = <T>(list: readonly T[], make: (item: T) => Case): Case[] => list.map(make);

const good = lineOf(person());
const chars = (...codes: number[]) => String.fromCodePoint(...codes);
const plain: readonly ExtractionField[] = extractionFields
  .slice(extractionFields.indexOf('service'))
  .filter((field) => field !== 'paperless');

const bodies = ['1850199100001', '2790399100002', '190012A100003', '290052B100004', '1150675100005', '2880499100006'];
const citizens = bodies.map((body) => `${body}${insKey(body)}@patient.mssante.fr`);

const cases: readonly Case[] = [
  // Bytes.
  line('line-too-long', undefined, `${good}${'x'.repeat(16 * 1024)}`),
  line('line-too-long', undefined, 'é'.repeat(300_000)),
  line('line-too-long', undefined, '|'.repeat(600_000)),
  ...each([0, 5, 60], (at): Case => line('nul', undefined, `${good.slice(0, at)}\0${good.slice(at)}`)),
  ...each(
    [
      [0xff],
      [0xfe],
      [0xc1, 0x81],
      [0xe0, 0x80, 0xaf],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0xc3, 0x28],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe9],
      [0x80],
      [0xf0, 0x9f, 0x98],
    ],
    (bytes): Case => ['not-utf8', undefined, Buffer.concat([Buffer.from(`${good}`), Buffer.from(bytes)])],
  ),
  ...each(
    [0x01, 0x07, 0x08, 0x0b, 0x0c, 0x0d, 0x1b, 0x7f, 0x80, 0x9b, 0x85, 0x2028, 0x2029, 0x202e, 0x202a, 0x2066, 0x200e, 0x200f, 0xfeff],
    (code) => wrong('hidden-character', 'familyName', { familyName: `MAR${chars(code)}TIN` }),
  ).map(([reason, , bytes]): Case => [reason, undefined, bytes]),
  // Cells.
  ...each(['PER', 'PER|x@y.mssante.fr', good.slice(0, good.lastIndexOf('|')), '||||', 'rien'], (text) =>
    line('cells-missing', undefined, text),
  ),
  ...each([`${good}|x`, `${good}||`, `${good}|||||||||`, `PER|${good}`, `${good}|${good}`], (text) => line('cells-extra', undefined, text)),
  ...each(plain, (field) => wrong('cell-too-long', field, { [field]: 'é'.repeat(256) })),
  // Type.
  ...each(['', '   '], (type) => wrong('type-missing', 'type', { type })),
  ...each(
    [
      'CITIZEN',
      'PERS',
      'P',
      'ORG APP',
      'PER,ORG',
      '"PER"',
      'ΡΕR',
      'PER;',
      '1',
      'null',
      "PER'--",
      "'; drop table addresses; --",
      '%',
      '\\',
      '$1',
      '{PER}',
      'PER\u00a0ORG',
    ],
    (type) => wrong('type-unknown', 'type', { type }),
  ),
  // Address.
  ...each(['', ' '], (address) => wrong('address-missing', 'address', { address })),
  ...each(
    [
      'lea.martin',
      '@medecin.fictif.mssante.fr',
      'lea@',
      'lea@localhost',
      'lea@@medecin.fictif.mssante.fr',
      'lea martin@medecin.fictif.mssante.fr',
      'léa@medecin.fictif.mssante.fr',
      'lea@médecin.mssante.fr',
      '<lea@medecin.fictif.mssante.fr>',
      '"lea"@medecin.fictif.mssante.fr',
      'mailto:lea@medecin.fictif.mssante.fr',
      '.lea@medecin.fictif.mssante.fr',
      'lea.@medecin.fictif.mssante.fr',
      'l..a@medecin.fictif.mssante.fr',
      'lea@-medecin.mssante.fr',
      'lea@medecin-.mssante.fr',
      'lea@medecin..fr',
      'lea@medecin.fr.',
      'lea@[127.0.0.1]',
      'lea,b@medecin.mssante.fr',
      'a@b.fr,c@d.fr',
      `${'a'.repeat(65)}@medecin.fictif.mssante.fr`,
      `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.mssante.fr`,
      'lea(commentaire)@medecin.mssante.fr',
      'lea\\@x@medecin.mssante.fr',
      'ＬＥＡ@medecin.mssante.fr',
      "'; drop table addresses; --@x.fr",
      '*@medecin.mssante.fr\u0301',
      'lea@medecin_test.mssante.fr',
    ],
    (address) => wrong('address-shape', 'address', { address }),
  ),
  ...each(['279035121518989@patient.mssante.fr', '277076322082910@medecin.fictif.mssante.fr', ...citizens], (address) =>
    wrong('address-citizen', 'address', { address }),
  ),
  // Person.
  wrong('person-missing', 'personId', { personIdKind: '', personId: '', personNationalId: '' }),
  wrong('person-missing', 'personId', { personId: '', personNationalId: '' }),
  wrong('person-missing', 'personId', { type: 'CAB', personId: '', personNationalId: '' }),
  ...each(['0', 'ADELI', '1', '3', '5', 'INTERNE', '08', 'NIR'], (personIdKind) => wrong('person-kind', 'personId', { personIdKind })),
  ...each(['0759300001', '1759300001', '379900000001'], (personNationalId) =>
    wrong('person-kind', 'personId', { personIdKind: '', personId: '', personNationalId }),
  ),
  ...each(
    [
      '1',
      '9970010100',
      '997001010055',
      '9970010100A',
      '99700101OO5',
      '+9700101005',
      '99700.01005',
      '٩٩٧٠٠١٠١٠٠٥',
      '-9700101005',
      '9.97e10',
      '0x99700101',
      "' or 1=1 --",
      'NULL',
    ],
    (personId) => wrong('rpps-shape', 'personId', { personId, personNationalId: '' }),
  ),
  ...each(['899700101006', '88', '8', '8997001010055'], (personNationalId) =>
    wrong('person-contradiction', 'personId', { personNationalId }),
  ),
  ...each(['', '  ', chars(0xa0)], (familyName) => wrong('name-missing', 'familyName', { familyName })),
  // Structure.
  wrong('structure-missing', 'structureId', { structureId: '' }, organisation()),
  wrong('structure-missing', 'structureId', { structureIdKind: '', structureId: '' }, organisation()),
  wrong('structure-missing', 'structureId', { type: 'APP', structureId: ' ' }, organisation()),
  ...each(['0', '2', 'SIREN', '4', '5', '6', 'RPPS', 'ADELI', 'FINES'], (structureIdKind) =>
    wrong('structure-kind', 'structureId', { structureIdKind }, organisation()),
  ),
  ...each(
    [
      '1',
      '99000101',
      '9900010144',
      '2990001014',
      '99000101A',
      '9C0001014',
      '3990001000101',
      '39900010001012345',
      '99-000-101',
      '１９９０００１０１４',
      'A90001014',
    ],
    (structureId) => wrong('structure-shape', 'structureId', { structureIdKind: '', structureId }, organisation()),
  ),
  wrong('structure-shape', 'structureId', { structureIdKind: 'SIRET' }, organisation()),
  wrong('structure-shape', 'structureId', { structureIdKind: 'FINESS', structureId: '99000100010123' }, organisation()),
  wrong('structure-shape', 'structureId', { structureIdKind: '3', structureId: '1990001014' }),
  // Paperless.
  ...each(['X', 'oui?', 'Y', '1', '0', 'true', 'ON', 'O/N', 'NO'], (paperless) => wrong('paperless-word', 'paperless', { paperless })),
  // Beside the lines before it.
  wrong('repeated', 'address', { address: 'bonne.0@medecin.fictif.mssante.fr' }),
  wrong('repeated', 'address', { address: 'BONNE.1@MEDECIN.FICTIF.MSSANTE.FR' }),
  wrong('type-differs', 'type', { address: 'bonne.2@medecin.fictif.mssante.fr' }, organisation()),
  wrong('type-differs', 'type', { address: 'bonne.3@medecin.fictif.mssante.fr', type: 'CAB' }),
  wrong('holder-differs', 'address', { address: 'bonne.4@medecin.fictif.mssante.fr', personId: '99700101006', personNationalId: '' }),
].map(([reason, field, bytes]): Case => (reason === 'repeated' ? [reason, undefined, bytes] : [reason, field, bytes]));

let world: ExtractionWorld;
beforeAll(async () => {
  world = await extractionWorld();
});
afterAll(() => world.close());

const lf = Buffer.from('\n');

describe('requirement 24: what is refused is told line by line', () => {
  test(`${cases.length} hostile lines, each with its own reason; the good lines between them are taken`, async () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    const goods = cases.map((_, index) => Buffer.from(lineOf(person({ address: `bonne.${index}@medecin.fictif.mssante.fr` }))));
    const file = await world.write(
      'hostile.txt',
      Buffer.concat([Buffer.from(headerLine), ...goods.flatMap((bytes, index) => [lf, bytes, lf, cases[index]?.[2] ?? lf])]),
    );
    const outcome = await world.run(file);
    expect(outcome).toMatchObject({
      result: 'applied',
      record: { refused: cases.length, linesTaken: goods.length, linesDone: 1 + 2 * cases.length },
      plan: { addresses: { added: goods.length } },
    });
    if (!('record' in outcome)) return expect.unreachable();
    const told = await listRejects(world.db, outcome.record.importId, 1000);
    expect(told.map(({ line: at, column, reason }) => [at, reason, column])).toEqual(
      cases.map(([reason, field], index) => [3 + 2 * index, reason, field && columnNames[field]]),
    );
    expect(told.every(({ sentence }) => /^[A-ZÀÉ].*\.$/u.test(sentence))).toBe(true);
    expect(Object.values(outcome.record.reasons).reduce((sum, count) => sum + count, 0)).toBe(cases.length);
  });

  test('a line that is taken without a cell of it is told of as well', async () => {
    const remarked: readonly (readonly [LineRemark, Cells])[] = [
      ['structure-left-out', person({ address: 'a@remarque.mssante.fr', structureIdKind: 'SIREN', structureId: '990001014' })],
      ['structure-left-out', person({ address: 'b@remarque.mssante.fr', structureIdKind: '', structureId: '', structureName: 'Cabinet' })],
      ['person-left-out', organisation({ address: 'c@remarque.mssante.fr', personId: '99700101005' })],
      ['person-left-out', organisation({ address: 'd@remarque.mssante.fr', familyName: 'MARTIN' })],
      ['name-differs', person({ address: 'e@remarque.mssante.fr', familyName: 'DURAND' })],
      ['structure-differs', organisation({ address: 'f@remarque.mssante.fr', structureName: 'Autre nom' })],
    ];
    const outcome = await world.run(
      await world.write('remarks.txt', [headerLine, ...remarked.map(([, cells]) => lineOf(cells))].join('\n')),
      {
        isForced: true,
      },
    );
    expect(outcome).toMatchObject({ result: 'applied', record: { refused: 0, noted: remarked.length, linesTaken: remarked.length } });
    if (!('record' in outcome)) return expect.unreachable();
    const told = await listRejects(world.db, outcome.record.importId, 1000);
    expect(told.map(({ line: at, reason, isTaken }) => [at, reason, isTaken])).toEqual(
      remarked.map(([reason], index) => [index + 2, reason, true]),
    );
  });
});
