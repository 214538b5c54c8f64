// Names as they are compared: without case, accents and punctuation. Plain ones take a shorter way, which must lead to the same place.
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryMigrations } from '../../../directory/migrations/set.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([directoryMigrations]);
});
afterAll(() => database.close());

/** What the database makes of each text. */
async function foldAll(texts: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ folded: string }>`
    select fold_name(text) as folded from unnest(${texts}::text[]) with ordinality typed(text, place) order by place`.execute(database.db);
  return rows.map(({ folded }) => folded);
}

const ligatures: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'oe',
  æ: 'ae',
  Æ: 'ae',
  ß: 'ss',
  Ø: 'o',
  ø: 'o',
  Ł: 'l',
  ł: 'l',
  Đ: 'd',
  đ: 'd',
};

/** The rule, said again. */
const folded = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[œŒæÆßØøŁłĐđ]/g, (letter) => ligatures[letter] ?? '')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/[^a-z0-9]+/g, ' ')
    .replace(/^ | $/g, '');

test.each([
  ['LE GOFF', 'le goff'],
  ['', ''],
  [' ', ''],
  ['  Jean--Paul ', 'jean paul'],
  ['a\nb\tc\r\n', 'a b c'],
  ["D'ALMEIDA (née Noël)", 'd almeida nee noel'],
  ['Œuvrard-MÜLLER', 'oeuvrard muller'],
  ['Ⅳ ﬁn', 'iv fin'],
])('%j is compared as %j', async (text, expected) => {
  expect(await foldAll([text])).toEqual([expected]);
});

test('every text, plain or not, is compared by the same rule', async () => {
  const characters = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...'abzAZ09  ') },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 0x7f }).map((code) => String.fromCharCode(code)) },
    { weight: 1, arbitrary: fc.constantFrom(...'éÉèàçœŒæßøŁđ’–\u0301') },
    { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0x24ff }).map((code) => String.fromCharCode(code)) },
  );
  const plain = fc.string({ unit: fc.integer({ min: 1, max: 0x7f }).map((code) => String.fromCharCode(code)), maxLength: 30 });
  const texts = [...fc.sample(plain, 3000), ...fc.sample(fc.string({ unit: characters, maxLength: 30 }), 3000)];
  expect(await foldAll(texts)).toEqual(texts.map(folded));
  // With another letter after it, a plain text takes the long way.
  expect(await foldAll(texts.map((text) => `${text} é`))).toEqual(texts.map((text) => `${folded(text)} e`.trim()));
});
