// From a filter to a condition of SQL, in the three-valued logic of both: SQL's null is RFC 4511's undefined. Everything that was typed
// travels as a parameter. What is compared is folded by the database, whose columns were folded the same way.
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../src/database/tables.ts';
import type { BookAttribute, BookFilter } from './book-filter.ts';

type Leaf = Extract<BookFilter, { readonly attribute: BookAttribute }>;

/** A column of `search_words()`: each value folded, as `\n jean paul \n`. */
type Words = {
  /** In SQL: a column's name, or what would be in the column if there were one. */
  readonly words: string;
  readonly isList?: true;
  /** False where a text is looked for without an index: it is asked beside something else, or seldom. */
  readonly isIndexed: boolean;
  readonly exactly?: (value: string) => RawBuilder<boolean>;
};

/** What the index of the book is made of (migration 005): the same words, or it is not used. */
const indexed = sql.raw(`(address || display_name_words || family_name_words || given_name_words
  || structure_name_words || profession_words || skill_words || city_words || postal_code_words)`);

/** A column that is true or false. */
type Fact = { readonly fact: 'paperless' | 'preferred' };

const columns: Readonly<Record<BookAttribute, Words | Fact | 'address' | 'nobody'>> = {
  address: 'address',
  type: { words: 'type_words', isIndexed: false },
  displayName: { words: 'display_name_words', isIndexed: true },
  familyName: { words: 'family_name_words', isIndexed: true },
  givenName: { words: 'given_name_words', isIndexed: true },
  civility: { words: 'search_words(array[civility])', isIndexed: false },
  // Null where nobody holds the mailbox alone, and a comparison with null would be undefined.
  rpps: { words: 'rpps_words', isIndexed: false, exactly: (rpps) => sql`(rpps is not null and rpps = ${rpps})` },
  structureId: {
    words: 'structure_id_words',
    isList: true,
    isIndexed: false,
    exactly: (structureId) => sql`structure_ids @> array[${structureId.toUpperCase()}]::text[]`,
  },
  structureName: { words: 'structure_name_words', isList: true, isIndexed: true },
  profession: { words: 'profession_words', isList: true, isIndexed: true },
  skill: { words: 'skill_words', isList: true, isIndexed: true },
  service: { words: 'service_words', isIndexed: false },
  description: { words: 'description_words', isIndexed: false },
  city: { words: 'city_words', isList: true, isIndexed: true },
  postalCode: { words: 'postal_code_words', isList: true, isIndexed: true },
  department: { words: 'department_words', isList: true, isIndexed: false },
  isPaperless: { fact: 'paperless' },
  isPreferred: { fact: 'preferred' },
  ins: 'nobody',
  birthDate: 'nobody',
  state: 'nobody',
};

/** A filter as conditions of SQL on a row of `address_book`. */
export type CompiledFilter = {
  /** All that the filter says. What is undefined is not found. In a form of which the planner knows nothing: `needed` has told it all. */
  readonly exact: RawBuilder<boolean>;
  /** True of all that is found, and answered by an index; absent when no index serves the filter. */
  readonly needed?: RawBuilder<boolean>;
};

/** Compiles a filter; the database folds its texts. */
export async function compileFilter(db: Db, filter: BookFilter): Promise<CompiledFilter> {
  const texts = [...new Set(foldedTexts(filter))];
  const { rows } = await sql<{ folded: string }>`
    select fold_name(text) as folded from unnest(${texts}::text[]) with ordinality typed(text, place) order by place`.execute(db);
  const folded = new Map(texts.map((text, place) => [text, rows[place]?.folded ?? '']));
  const fold = (text: string) => folded.get(text) ?? '';
  const needed = neededBy(filter, fold);
  return { exact: sql<boolean>`coalesce(${conditionOf(filter, fold)}, false)`, ...(needed && { needed: needed.condition }) };
}

/** What an index can answer, true of all that a filter finds. Equal keys say the same. */
type Needed = { readonly key: string; readonly condition: RawBuilder<boolean> };

// Address books repeat one text for each attribute: the index is asked for it once.
function neededBy(filter: BookFilter, fold: Fold): Needed | undefined {
  if (filter.is === 'and' || filter.is === 'or') {
    const parts = filter.of.map((one) => neededBy(one, fold));
    const known = [...new Map(parts.filter((part) => part !== undefined).map((part) => [part.key, part])).values()];
    const [first] = known;
    // One alternative that no index serves makes the others useless.
    if (!first || (filter.is === 'or' && parts.includes(undefined))) return undefined;
    if (known.length === 1) return first;
    const between = filter.is === 'and' ? sql` and ` : sql` or `;
    const conditions = known.map((part) => part.condition);
    return { key: JSON.stringify([filter.is, known.map((part) => part.key)]), condition: sql`(${sql.join(conditions, between)})` };
  }
  if (!('attribute' in filter)) return undefined;
  const column = columns[filter.attribute];
  if (filter.is === 'present' || column === 'nobody' || (column !== 'address' && 'fact' in column)) return undefined;
  const isExact = filter.is !== 'substring' && (column === 'address' || (filter.is === 'equal' && column.exactly));
  if (isExact) return { key: JSON.stringify([filter.attribute, filter.value]), condition: leafCondition(filter, fold) };
  if (column !== 'address' && !column.isIndexed) return undefined;
  const patterns = column === 'address' ? addressPatterns(filter) : wordsPatterns(filter, fold);
  const useful = patterns.filter(hasTrigram).slice(0, mostProbes);
  if (useful.length === 0) return undefined;
  return {
    key: JSON.stringify(useful),
    condition: sql`(${sql.join(
      useful.map((pattern) => sql`${indexed} like ${pattern}`),
      sql` and `,
    )})`,
  };
}

/** Words of one value that the index is asked for: each costs it a walk, and the first few leave little to look through. */
const mostProbes = 8;

/** True when three letters in a row are known, a word's edges counted as pg_trgm does: two spaces before it and one after. */
function hasTrigram(pattern: string): boolean {
  return pattern.split('%').some((piece, index) => {
    const edged = index === 0 && piece !== '' ? ` ${piece}` : piece;
    return /[a-z0-9]{3}|[^a-z0-9][a-z0-9]|[a-z0-9]{2}[^a-z0-9]/.test(edged);
  });
}

type Fold = (text: string) => string;

function conditionOf(filter: BookFilter, fold: Fold): RawBuilder<boolean | null> {
  switch (filter.is) {
    case 'and':
    case 'or': {
      // None at all is the absolute true, or false, of RFC 4526.
      if (filter.of.length === 0) return sql.lit(filter.is === 'and');
      const between = filter.is === 'and' ? sql` and ` : sql` or `;
      return sql`(${sql.join(
        filter.of.map((one) => conditionOf(one, fold)),
        between,
      )})`;
    }
    case 'not':
      return sql`(not ${conditionOf(filter.of, fold)})`;
    case 'true':
    case 'false':
      return sql.lit(filter.is === 'true');
    case 'undefined':
      return sql`null::boolean`;
    default:
      return leafCondition(filter, fold);
  }
}

function leafCondition(leaf: Leaf, fold: Fold): RawBuilder<boolean> {
  const column = columns[leaf.attribute];
  if (column === 'nobody') return sql.lit(false);
  if (column === 'address') return addressCondition(leaf);
  return 'fact' in column ? factCondition(leaf, column) : wordsCondition(leaf, column, fold);
}

function factCondition(leaf: Leaf, { fact }: Fact): RawBuilder<boolean> {
  if (leaf.is === 'present') return sql.lit(true);
  return leaf.is === 'substring' ? sql.lit(false) : sql`(${sql.ref(fact)} = ${leaf.value === 'TRUE'})`;
}

function wordsCondition(leaf: Leaf, column: Words, fold: Fold): RawBuilder<boolean> {
  const words = sql.raw(column.words);
  if (leaf.is === 'present') return sql`(${words} <> '')`;
  if (leaf.is === 'equal' && column.exactly) return column.exactly(speakable(leaf.value).trim());
  const patterns = wordsPatterns(leaf, fold);
  const [pattern] = patterns;
  if (pattern === undefined) return sql.lit(false);
  // One parameter, however many words: a filter may have thousands, and a statement has room for so many parameters.
  const found = patterns.length === 1 ? sql<boolean>`(${words} like ${pattern})` : sql<boolean>`(${words} like all(${patterns}::text[]))`;
  if (leaf.is !== 'substring' || partsOf(leaf).length < 2) return found;
  const spaced = sql`replace(${words}, ' ', '  ')`;
  const exactly = `%${foldedParts(leaf, fold).map(spaceOut).join('%')}%`;
  if (!column.isList) return sql`(${found} and ${spaced} like ${exactly})`;
  // The parts must stand in one value, not each in another.
  return sql`(${found} and exists (
    select from string_to_table(${spaced}, E'\n') line where E'\n' || line || E'\n' like ${exactly}))`;
}

/** What a folded column must all be like; none when nothing can be. */
function wordsPatterns(leaf: Leaf, fold: Fold): string[] {
  if (leaf.is === 'present') return [];
  if (leaf.is === 'equal') return [`%\n ${fold(speakable(leaf.value))} \n%`];
  if (leaf.is === 'alike') return [...new Set(fold(speakable(leaf.value)).split(' ').filter(Boolean))].map((word) => `% ${word}%`);
  // Two parts that meet between two words have one space between them, not each its own.
  const parts = foldedParts(leaf, fold).map((part, at, all) => (all[at - 1]?.endsWith(' ') ? part.replace(/^ /, '') : part));
  return [`%${parts.join('%')}%`];
}

/** The parts of a substring as they stand in a column of words, with the edges of the value: at least one, of at least one character. */
function foldedParts({ initial, any, final }: Extract<Leaf, { readonly is: 'substring' }>, fold: Fold): string[] {
  const folded = (part: string) => fold(edged(part)).slice(1, -1);
  const parts = [
    ...(initial === undefined ? [] : [`\n ${folded(initial).trimStart()}`]),
    ...any.map(folded),
    ...(final === undefined ? [] : [`${folded(final).trimEnd()} \n`]),
  ];
  // Punctuation alone, beside more of it, asks for nothing that is not asked for already.
  const asking = parts.filter((part, at) => part !== ' ' || !(parts[at - 1]?.endsWith(' ') || parts[at + 1]?.startsWith(' ')));
  return asking.length === 0 ? ['\n'] : asking;
}

/** With two spaces between words, so that each of two parts that meet there finds one: theirs, at their edges, stay single. */
function spaceOut(part: string): string {
  return part.replace(/(?<=.) (?=.)/gs, '  ');
}

function addressCondition(leaf: Leaf): RawBuilder<boolean> {
  if (leaf.is === 'present') return sql.lit(true);
  if (leaf.is !== 'substring') return sql`(address = ${speakable(leaf.value).trim().toLowerCase()})`;
  return sql`(address like ${addressPattern(leaf)})`;
}

// What follows the address in the index is not part of it.
function addressPatterns(leaf: Leaf): string[] {
  if (leaf.is !== 'substring') return [];
  return [leaf.final === undefined ? addressPattern(leaf) : `${addressPattern(leaf)}%`];
}

function addressPattern(leaf: Extract<Leaf, { readonly is: 'substring' }>): string {
  const parts = [leaf.initial ?? '', ...leaf.any, leaf.final ?? ''];
  return parts.map((part) => literally(speakable(part).toLowerCase())).join('%');
}

function foldedTexts(filter: BookFilter): string[] {
  if ('of' in filter) return filter.is === 'not' ? foldedTexts(filter.of) : filter.of.flatMap(foldedTexts);
  if (!('attribute' in filter) || filter.is === 'present' || !isOfWords(columns[filter.attribute])) return [];
  return filter.is === 'substring' ? partsOf(filter) : [speakable(filter.value)];
}

function isOfWords(column: (typeof columns)[BookAttribute]): boolean {
  return typeof column !== 'string' && 'words' in column;
}

// A letter at each end keeps a part's own edges: what `Jean-` folds to ends with a space, and does not begin « jeanne ».
function partsOf(leaf: Extract<Leaf, { readonly is: 'substring' }>): string[] {
  return [leaf.initial, ...leaf.any, leaf.final].filter((part) => part !== undefined).map(edged);
}

function edged(part: string): string {
  return `x${speakable(part)}x`;
}

// PostgreSQL takes no NUL in a text; no value holds one.
const speakable = (text: string) => text.replaceAll('\0', ' ');

const literally = (text: string) => text.replace(/[\\%_]/g, '\\$&');
