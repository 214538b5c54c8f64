import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askCitizen } from '../../../directory/book/ask-citizen.ts';
import type { ExactQuestion } from '../../../directory/book/exact-question.ts';
import { forgetCitizenQuestions } from '../../../directory/book/forget-questions.ts';
import { replaceMatricule } from '../../../directory/matricules.ts';
import { directoryMigrations } from '../../../directory/migrations/set.ts';
import { registerAddress, registerCitizen, registerProfessional } from '../../../directory/registry.ts';
import type { CitizenState } from '../../../directory/states.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { insKey, parseIns } from '../../../src/core/ins.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const domain = 'patient.mssante.fr';
const noon = new Date('2026-11-20T12:00:00Z');
const later = (ms: number) => new Date(noon.getTime() + ms);
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations], 12);
});
afterAll(() => database.close());

let people = 0;
/** A citizen of a name of their own, unless told otherwise. */
async function citizen(birthName = `NOM${letters(++people)}`, firstGivenName = 'DOMINIQUE', birthDate = '1979-03-28') {
  const body = `27903${String(10_000_000 + ++people)}`;
  const ins = parseIns(body + insKey(body)) ?? expect.fail('not a matricule');
  await registerCitizen(database.db, { ins, birthName, firstGivenName, birthDate, sex: 'F' }, domain);
  return { ins, birthName, firstGivenName, birthDate };
}
const letters = (n: number) => [...String(n)].map((digit) => String.fromCharCode(65 + Number(digit))).join('');
const address = (text: string) => parseAddress(text) ?? expect.fail('not an address');

let askers = 0;
const ask = (question: ExactQuestion, by = `asker${++askers}@hopital.mssante.fr`, now = noon, perHour = 60) =>
  askCitizen(database.db, { by, question, perHour, domain, now });
const byWords = (names: string, birthDate = '1979-03-28') => ask({ about: 'words', names, birthDate });
const traces = (by: string) =>
  database.db.selectFrom('citizen_questions').selectAll().where('by', '=', by).orderBy('question_id').execute();
const put = (ins: string, state: CitizenState) =>
  database.db
    .updateTable('citizens')
    .set({ state })
    .where('ins', '=', ins as never)
    .execute();

describe('requirement 23: a professional finds a patient by a whole identity', () => {
  test('by matricule, with the state of the mailbox and its address', async () => {
    const { ins, birthName } = await citizen();
    const answer = await ask({ about: 'matricule', ins });
    expect(answer).toEqual({
      found: 'one',
      citizen: {
        citizenId: expect.any(Number),
        ins,
        address: `${ins}@${domain}`,
        displayName: `Dominique ${birthName}`,
        birthName,
        firstGivenName: 'DOMINIQUE',
        birthDate: '1979-03-28',
        sex: 'F',
        state: 'created',
      },
    });
  });

  test('by a matricule they had before: today’s is told', async () => {
    const [before, after] = [await citizen(), parseIns(`2790399200002${insKey('2790399200002')}`) ?? expect.fail('not a matricule')];
    await database.db.transaction().execute((trx) => replaceMatricule(trx, before.ins, after));
    expect(await ask({ about: 'matricule', ins: before.ins })).toMatchObject({
      found: 'one',
      citizen: { ins: after, address: `${after}@${domain}` },
    });
  });

  test('by name, without accents, hyphens or capitals', async () => {
    const { ins } = await citizen('L’HÉRITIER-D’ŒUVRE', 'ZOÉ-ANNE');
    const question = { about: 'identity', birthName: 'lheritier doeuvre', firstGivenName: 'zoe anne', birthDate: '1979-03-28' } as const;
    expect(await ask(question)).toEqual({ found: 'nobody' });
    expect(await ask({ ...question, birthName: "l'heritier d'oeuvre" })).toMatchObject({ found: 'one', citizen: { ins } });
    expect(await ask({ ...question, birthName: "l'heritier d'oeuvre", birthDate: '1979-03-27' })).toEqual({ found: 'nobody' });
  });

  test('by words in one field, wherever one name ends and the other begins', async () => {
    const { ins } = await citizen('DE LA TOUR', 'MARIE-CLAUDE');
    expect(await byWords('de la Tour Marie Claude')).toMatchObject({ found: 'one', citizen: { ins } });
    expect(await byWords('Marie-Claude DE LA TOUR')).toMatchObject({ found: 'one', citizen: { ins } });
    for (const names of [
      'La Tour Marie Claude',
      'de la Tour Marie',
      'Tour',
      'Claude de la Tour Marie',
      '- -',
      '',
      `${'de '.repeat(200)}Tour`,
    ]) {
      expect(await byWords(names), names).toEqual({ found: 'nobody' });
    }
  });

  test('of two people with one name and one birthday, nothing is told', async () => {
    const { birthName } = await citizen();
    await citizen(birthName);
    const by = 'homonymes@hopital.mssante.fr';
    const question = { about: 'identity', birthName, firstGivenName: 'Dominique', birthDate: '1979-03-28' } as const;
    expect(await ask(question, by)).toEqual({ found: 'several' });
    expect(await traces(by)).toMatchObject([{ outcome: 'several', citizen_id: null }]);
  });

  test('a name that folds to nothing is nobody’s, whoever has one', async () => {
    await citizen('ИВАН', 'ЖАН');
    expect(await ask({ about: 'identity', birthName: '---', firstGivenName: '…', birthDate: '1979-03-28' })).toEqual({ found: 'nobody' });
  });

  test('a shut mailbox has no address, and a refusal is not told', async () => {
    const { ins } = await citizen();
    await put(ins, 'closed');
    const closed = await ask({ about: 'matricule', ins });
    expect(closed).toMatchObject({ found: 'one', citizen: { state: 'closed' } });
    expect(closed.found === 'one' && 'address' in closed.citizen).toBe(false);
    await put(ins, 'opposed');
    expect(await ask({ about: 'matricule', ins })).toEqual(closed);
    await put(ins, 'reopened');
    expect(await ask({ about: 'matricule', ins })).toMatchObject({ citizen: { state: 'reopened', address: `${ins}@${domain}` } });
  });
});

describe('requirement 58: questions about patients are limited and leave a trace', () => {
  test('a trace says who asked and of whom, and holds neither matricule nor trait', async () => {
    const { ins, birthName, firstGivenName, birthDate } = await citizen();
    const by = 'trace@hopital.mssante.fr';
    await ask({ about: 'matricule', ins }, by);
    await ask({ about: 'identity', birthName, firstGivenName, birthDate }, by);
    await ask({ about: 'identity', birthName, firstGivenName, birthDate: '1901-01-01' }, by);
    const rows = await traces(by);
    expect(rows.map(({ kind, outcome, at }) => [kind, outcome, at])).toEqual([
      ['matricule', 'one', noon],
      ['identity', 'one', noon],
      ['identity', 'nobody', noon],
    ]);
    expect(rows[0]?.citizen_id).toBe(rows[1]?.citizen_id);
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${ins}|${birthName}|DOMINIQUE|1979-03-28`));
  });

  test('after so many in an hour there is no answer, until the first of them is an hour old', async () => {
    const { ins } = await citizen();
    const by = 'limite@hopital.mssante.fr';
    const at = async (ms: number) => (await ask({ about: 'matricule', ins }, by, later(ms), 2)).found;
    expect([await at(0), await at(1000), await at(2000), await at(3000)]).toEqual(['one', 'one', 'too-many', 'too-many']);
    expect([await at(3_600_000), await at(3_600_500), await at(3_601_000)]).toEqual(['one', 'too-many', 'one']);
    // Refusals do not count against the asker, and one an hour is written.
    expect((await traces(by)).filter(({ outcome }) => outcome === 'too-many')).toHaveLength(1);
    expect((await ask({ about: 'matricule', ins }, 'autre@hopital.mssante.fr', later(2000), 2)).found).toBe('one');
  });

  test('all mailboxes of one professional count together', async () => {
    const { ins } = await citizen();
    const rpps = '10101010101';
    await registerProfessional(database.db, { rpps, civility: 'Dr', familyName: 'MARTIN', givenName: 'Léa', profession: 'Médecin' });
    for (const box of ['lea@cabinet.mssante.fr', 'lea@hopital.mssante.fr']) {
      await registerAddress(database.db, { address: address(box), type: 'PER', label: 'Dr Léa MARTIN', rpps });
    }
    const answers = ['lea@cabinet.mssante.fr', 'lea@hopital.mssante.fr', 'lea@cabinet.mssante.fr'].map(
      (by) => () => ask({ about: 'matricule', ins }, by, noon, 2),
    );
    const found = [];
    for (const answer of answers) found.push((await answer()).found);
    expect(found).toEqual(['one', 'one', 'too-many']);
  });

  test('ten questions at once do not pass a limit of three', async () => {
    const { ins } = await citizen();
    const by = 'rafale@hopital.mssante.fr';
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ about: 'matricule', ins }, by, noon, 3)));
    expect(answers.filter(({ found }) => found === 'one')).toHaveLength(3);
    expect(await traces(by)).toHaveLength(4);
  });

  test('old traces are forgotten, a few at a time', async () => {
    const { ins } = await citizen();
    const by = 'oubli@hopital.mssante.fr';
    const long = 400 * 24 * 3_600_000;
    for (const ms of [-long - 2, -long - 1, -long + 1]) await ask({ about: 'matricule', ins }, by, later(ms));
    expect(await forgetCitizenQuestions(database.db, later(-long), 1)).toBe(1);
    expect(await forgetCitizenQuestions(database.db, later(-long), 10)).toBe(1);
    expect(await forgetCitizenQuestions(database.db, later(-long), 10)).toBe(0);
    expect(await traces(by)).toHaveLength(1);
  });
});
