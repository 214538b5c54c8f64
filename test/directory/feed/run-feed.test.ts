import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asAuthor } from '../../../directory/history.ts';
import { type MatriculeMove, replaceMatricule } from '../../../directory/matricules.ts';
import type { Trx } from '../../../src/database/tables.ts';
import { type FeedTown, header, ins, line, openFeedTown } from './feed-town.ts';

let town: FeedTown;
beforeEach(async () => {
  town = await openFeedTown();
});
afterEach(() => town.close());

const [lea, hugo, zoe, noel] = [ins('2790399100002'), ins('1850199100001'), ins('2150675100005'), ins('190012A100003')];
const provisional = ins('7790399100002');
const historyLines = async () => (await sql<{ n: number }>`select count(*) as n from directory_history`.execute(town.db)).rows[0]?.n;

describe('citizens come from a feed', () => {
  test('with all their traits, and their mailboxes as the feed says', async () => {
    const file = await town.write(
      [
        '\ufeffMatricule,OID,"Nom naissance",Premier prénom,Prénoms,Nom utilisé,PRENOM-UTILISE,Date naissance,Lieu naissance,Sexe,Qualifiée,État,Téléphone',
        `${lea},1.2.250.1.213.1.4.10,PAT-TROIS,DOMINIQUE,"DOMINIQUE, MARIE-LOUISE",D'ORSAY,,28/03/1979,51215,f,oui,Opposé,0102030405`,
        `${hugo},,"L""ÉTÉ",HUGO,,,,1985-01-02,2A004,M,,,`,
      ].join('\r\n'),
    );
    expect(await town.take(file)).toMatchObject({
      result: 'applied',
      counts: { read: 2, created: 1, refused: 1 },
      ignoredColumns: ['Téléphone'],
    });
    expect(await town.citizens()).toMatchObject([
      {
        ins: lea,
        ins_arc: 10,
        qualified: true,
        birth_name: 'PAT-TROIS',
        given_names: 'DOMINIQUE, MARIE-LOUISE',
        used_name: "D'ORSAY",
        used_given_name: null,
        birth_date: '1979-03-28',
        birth_place: '51215',
        sex: 'F',
        state: 'opposed',
      },
    ]);
  });

  test('a file given twice changes nothing, and leaves no history', async () => {
    const lines = [line(lea), line(hugo, { state: 'oppose' }), line(zoe, { birthDate: '2015-06-01', guardians: `${lea} ${noel}` })];
    expect(await town.takeLines(lines)).toMatchObject({ counts: { created: 3 } });
    const [before, written] = [await town.citizens(), await historyLines()];
    expect(await town.takeLines(lines)).toMatchObject({ result: 'applied', counts: { created: 0, changed: 0, unchanged: 3, refused: 0 } });
    expect(await town.citizens()).toEqual(before);
    expect(await historyLines()).toBe(written);
  });

  test('what changes is written down with its author, what the feed does not say stays', async () => {
    await town.takeLines([line(lea)]);
    await town.db.transaction().execute(async (trx) => {
      await asAuthor(trx, 'somebody');
      await sql`update citizens set used_name = 'DURAND', qualified = true`.execute(trx);
    });
    expect(await town.takeLines([line(lea, { name: 'MARTIN-DURAND' })], { by: 'import night' })).toMatchObject({ counts: { changed: 1 } });
    expect(await town.citizens()).toMatchObject([{ birth_name: 'MARTIN-DURAND', used_name: 'DURAND', qualified: true }]);
    const { rows } = await sql`select by, change from directory_history order by history_id desc limit 1`.execute(town.db);
    expect(rows).toEqual([{ by: 'import night', change: { birth_name: ['MARTIN', 'MARTIN-DURAND'] } }]);
  });

  test('a dry run says the same and writes nothing', async () => {
    await town.takeLines([line(lea)]);
    const before = await town.citizens();
    const lines = [line(lea, { name: 'DURAND' }), line(hugo), line(hugo, { state: 'ferme' }), line('279039910000299')];
    const planned = await town.takeLines(lines, { isDryRun: true });
    expect(planned).toMatchObject({ result: 'planned', counts: { read: 4, created: 1, changed: 2, stateChanged: 1, refused: 1 } });
    expect(await town.refusals(planned)).toEqual([[5, 'matricule', 'value-invalid']]);
    expect(await town.citizens()).toEqual(before);
    expect(await town.takeLines(lines)).toMatchObject({ counts: { created: 1, changed: 2, stateChanged: 1, refused: 1 } });
  });
});

describe('requirement 21: the life cycle of a mailbox', () => {
  test('a citizen who opposed it is not reopened by a line that says it was created', async () => {
    await town.takeLines([line(lea, { state: 'oppose' }), line(hugo, { state: 'ferme' })]);
    expect(await town.takeLines([line(lea, { state: 'cree' }), line(hugo, { state: 'cree' })])).toMatchObject({ counts: { unchanged: 2 } });
    expect(await town.takeLines([line(lea, { state: 'rouvert' })])).toMatchObject({ counts: { changed: 1, stateChanged: 1 } });
    expect(await town.citizens()).toMatchObject([{ state: 'closed' }, { state: 'reopened' }]);
  });

  test('a step that the life cycle does not know refuses the whole line', async () => {
    await town.takeLines([line(lea, { state: 'ferme' })]);
    const outcome = await town.takeLines([line(lea, { state: 'oppose', name: 'AUTRE' })]);
    expect(await town.refusals(outcome)).toEqual([[2, 'etat', 'state-impossible']]);
    expect(await town.citizens()).toMatchObject([{ state: 'closed', birth_name: 'MARTIN' }]);
  });

  test('several lines about one citizen act in their order', async () => {
    const outcome = await town.takeLines([line(lea), line(lea, { state: 'ferme' }), line(lea, { state: 'rouvert', name: 'DURAND' })]);
    expect(outcome).toMatchObject({ counts: { created: 1, changed: 2, stateChanged: 2 } });
    expect(await town.citizens()).toMatchObject([{ state: 'reopened', birth_name: 'DURAND' }]);
  });
});

describe('a provisional matricule becomes the one for life', () => {
  const older = line(provisional, { name: 'PROVISOIRE' });
  const newer = line(lea, { former: provisional });

  test.each([
    ['in the order of time', [[older], [newer]]],
    ['the newer first', [[newer], [older]]],
    ['together', [[older, newer]]],
    ['together, the newer first', [[newer, older]]],
  ])('it is one citizen under both: %s', async (_, files) => {
    for (const lines of files) await town.takeLines(lines);
    expect(await town.citizens()).toMatchObject([{ ins: lea, ins_arc: 8, birth_name: 'MARTIN', formers: [provisional] }]);
  });

  test('what a citizen has goes along with the matricule that they have when the batch is written, not when it was read', async () => {
    await town.takeLines([line(provisional), line(zoe)]);
    const told: string[][] = [];
    const moveAlong = async (_: Trx, moves: readonly MatriculeMove[]) => {
      told.push(moves.flatMap(({ from, to }) => [from, to]));
      // Somebody else gives them another one meanwhile.
      if (told.length === 1) await town.db.transaction().execute((trx) => replaceMatricule(trx, provisional, hugo));
    };
    expect(await town.takeLines([newer, line(zoe, { name: 'AUTRE' })], { moveAlong })).toMatchObject({
      counts: { changed: 2, refused: 0 },
    });
    expect(told).toEqual([
      [provisional, lea],
      [hugo, lea],
    ]);
    expect(await town.citizens()).toMatchObject([{ ins: zoe }, { ins: lea, formers: [hugo, provisional] }]);
  });

  test('a matricule that belongs to somebody else joins nobody', async () => {
    await town.takeLines([line(lea), line(hugo)]);
    const outcome = await town.takeLines([line(lea, { former: hugo })]);
    expect(await town.refusals(outcome)).toEqual([[2, 'matricule_precedent', 'matricule-of-another']]);
    expect(await town.citizens()).toMatchObject([
      { ins: hugo, formers: null },
      { ins: lea, formers: null },
    ]);
  });
});

describe('requirement 38: who acts for whom', () => {
  const child = line(zoe, { birthDate: '2015-06-01', guardians: `${lea},${hugo}` });

  test.each([
    ['guardians first', [[line(lea), line(hugo)], [child]]],
    ['the child first', [[child], [line(hugo)], [line(lea)]]],
    ['all at once', [[line(lea), child, line(hugo)]]],
  ])('a child is read by their guardians, whatever comes first: %s', async (_, files) => {
    for (const lines of files) await town.takeLines(lines);
    const [, one] =
      (await town.citizens()).length === 3 ? [null, (await town.citizens()).find((row) => (row as { ins: string }).ins === zoe)] : [];
    expect(one).toMatchObject({ guardians: [`${hugo} minor`, `${lea} minor`], awaited: null });
    const { rows } = await sql<{ until: Date }>`select distinct until from attached_profiles`.execute(town.db);
    expect(rows.map(({ until }) => until.toISOString())).toEqual(['2033-05-31T22:00:00.000Z']);
  });

  test('a protected adult has no end; a guardian who is named no more is gone; an empty cell leaves nobody', async () => {
    await town.takeLines([line(hugo), line(noel), line(lea, { guardians: `${hugo} ${noel}` })]);
    await town.takeLines([line(lea, { guardians: noel })]);
    const guardians = async () => (await sql`select kind, until from attached_profiles`.execute(town.db)).rows;
    expect(await guardians()).toEqual([{ kind: 'ward', until: null }]);
    expect(await town.takeLines([line(lea)])).toMatchObject({ counts: { changed: 1 } });
    expect(await guardians()).toEqual([]);
  });

  test('nobody acts for whoever acts for them', async () => {
    const outcome = await town.takeLines([
      line(lea, { guardians: hugo }),
      line(hugo, { guardians: noel }),
      line(noel, { guardians: lea }),
      line(zoe, { guardians: zoe }),
    ]);
    expect(outcome).toMatchObject({ counts: { created: 4, refused: 0 }, record: { noted: 2, refused: 0 } });
    expect(await town.refusals(outcome)).toEqual([
      [4, 'representants', 'guardian-circle'],
      [5, 'representants', 'guardian-circle'],
    ]);
  });
});

test('requirement 38: a child who has come of age may act for the parent who acted for them', async () => {
  await town.takeLines([line(lea), line(zoe)]);
  await sql`
    insert into attached_profiles (ward_id, guardian_id, kind, until)
    select z.citizen_id, l.citizen_id, 'minor', '2018-06-01' from citizens z, citizens l where z.ins = ${zoe} and l.ins = ${lea}`.execute(
    town.db,
  );
  const outcome = await town.takeLines([line(lea, { guardians: zoe })]);
  expect(outcome).toMatchObject({ counts: { changed: 1, refused: 0 }, record: { noted: 0 } });
});

describe('a line that cannot be taken is told with its reason, and the others are taken', () => {
  test('each by its own', async () => {
    const lines: [string, string | undefined, string][] = [
      [line('279039910000299'), 'matricule', 'value-invalid'],
      [line(''), 'matricule', 'value-missing'],
      [line(hugo, { name: ' ' }), 'nom_naissance', 'value-missing'],
      [line(hugo, { name: 'X\u202eY' }), 'nom_naissance', 'value-invalid'],
      [line(hugo, { name: 'A'.repeat(101) }), 'nom_naissance', 'value-invalid'],
      [line(hugo, { birthDate: '1979-02-30' }), 'date_naissance', 'value-invalid'],
      [line(hugo, { birthDate: '2979-01-01' }), 'date_naissance', 'value-invalid'],
      [line(hugo, { state: 'peut-être' }), 'etat', 'value-invalid'],
      [line(hugo, { former: '123' }), 'matricule_precedent', 'value-invalid'],
      [line(hugo, { guardians: `${lea} 123` }), 'representants', 'value-invalid'],
      [`${hugo};MARTIN;LÉA;1979-03-28;X;;;`, 'sexe', 'value-invalid'],
      [`${hugo};MARTIN`, undefined, 'cell-count'],
      [`${hugo};MAR"TIN;LÉA;1979-03-28;F;;;"`, undefined, 'quotes'],
      [`${hugo};${'A'.repeat(20_000)}`, undefined, 'too-long'],
    ];
    const outcome = await town.takeLines([...lines.map(([text]) => text), line(lea)]);
    expect(outcome).toMatchObject({ counts: { read: lines.length + 1, created: 1, refused: lines.length } });
    expect(await town.refusals(outcome)).toEqual(lines.map(([, column, reason], at) => [at + 2, column, reason]));
  });

  test('a quote that never ends swallows nobody', async () => {
    const outcome = await town.takeLines([
      `${hugo};"MARTIN;LÉA;1979-03-28;F;;;`,
      line(lea),
      line(noel),
      `${zoe};"DUR\nAND";X;1979-03-28;F;;;`,
    ]);
    expect(await town.refusals(outcome)).toEqual([
      [2, undefined, 'quotes'],
      [5, 'nom_naissance', 'value-invalid'],
    ]);
    expect(outcome).toMatchObject({ counts: { created: 2 } });
  });

  test('bytes that are not UTF-8 are not guessed at', async () => {
    const file = await town.write(
      Buffer.concat([Buffer.from(`${header}\n${line(lea)}\n`), Buffer.from(line(hugo, { name: 'GÉRARD' }), 'latin1')]),
    );
    const outcome = await town.take(file);
    expect(await town.refusals(outcome)).toEqual([[3, undefined, 'not-utf8']]);
    expect(outcome).toMatchObject({ counts: { created: 1 } });
  });

  test.each([
    ['no-header', 'bonjour\n1;2\n', []],
    ['columns-missing', 'matricule;nom_naissance\n', ['premier_prenom', 'date_naissance', 'sexe']],
    ['columns-repeated', `${header};Sexe\n`, ['sexe']],
    ['empty', '', []],
  ])('a file without a header of ours is refused as a whole: %s', async (trouble, content, columns) => {
    const outcome = await town.take(await town.write(content));
    expect(outcome).toMatchObject({ result: 'unreadable', trouble });
    if (columns.length > 0) expect(outcome).toMatchObject({ columns });
  });
});
