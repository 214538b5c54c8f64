// Filters about the values that a directory holds, for property tests: whole values, pieces of them, in any case, combined.
// Where accents, capitals and punctuation are folded, other values match too. `isPlain` tells the filters where they do not: our book
// folds accents away (« perec » finds PÉREC) and another server does not, so that only of those both must say the same. Pieces that begin
// or end with punctuation are never plain.
import fc from 'fast-check';
import { AndFilter, ApproximateFilter, EqualityFilter, type Filter, NotFilter, OrFilter, PresenceFilter, SubstringFilter } from 'ldapts';
import type { LdapEntry } from '../../src/ldap/entries/entry.ts';
import { isKindOf } from '../../src/ldap/schema/known-names.ts';

/** The values of each attribute that the filters ask about. */
export type BookValues = ReadonlyMap<string, readonly string[]>;

type Pieces = { readonly initial: string; readonly any: readonly string[]; readonly final: string };

/** Attributes asked about: those with a rule for pieces, in our schema and in the standards. */
const searchable = [
  ...['cn', 'displayName', 'sn', 'givenName', 'mail', 'uid', 'title', 'o', 'ou', 'l', 'postalCode', 'st', 'businessCategory'],
  ...['description', 'mssRPPS', 'mssFINESS', 'mssProfession', 'mssSpeciality', 'personalTitle', 'name'],
];

/** Compared as they are, letter for letter: nothing to fold. */
const codes = new Set(['mail', 'uid', 'mssRPPS', 'mssFINESS']);

/** Gathers the values of entries. */
export function valuesIn(entries: readonly LdapEntry[]): BookValues {
  const valuesOf = (wanted: string) =>
    entries.flatMap(({ attributes }) => attributes.flatMap((one) => (isKindOf(one.name, wanted) ? one.values : [])));
  return new Map(searchable.map((name) => [name, [...new Set(valuesOf(name))]]));
}

/** Any filter, to the depth of a few parentheses, whose leaves are plain. */
export function plainFilters(values: BookValues): fc.Arbitrary<Filter> {
  return combined(fc.oneof({ weight: 5, arbitrary: comparisons(values, true) }, { weight: 2, arbitrary: facts }), true);
}

/** Filters that say what is wished for, and never what is not; plain or folded. */
export function positiveFilters(values: BookValues): fc.Arbitrary<Filter> {
  return combined(comparisons(values, false), false);
}

/** Approximate filters made of the first words of a value, and that value. */
export function approximations(values: BookValues): fc.Arbitrary<{ filter: Filter; attribute: string; value: string }> {
  return fc
    .record({
      attribute: fc.constantFrom('cn', 'sn', 'givenName', 'l'),
      pick: fc.nat(),
      count: fc.integer({ min: 1, max: 3 }),
      style: styles,
    })
    .map(({ attribute, pick, count, style }) => {
      const value = at(values.get(attribute) ?? [], pick);
      const words = value.split(' ').slice(0, count).join(' ');
      return { filter: new ApproximateFilter({ attribute, value: style(words) }), attribute, value };
    });
}

const styles = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
);

/** True, false or undefined for everybody, or nearly. */
const facts: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .constantFrom(...searchable, 'objectClass', 'telephoneNumber', 'foo', 'cn;lang-fr')
    .map((attribute) => new PresenceFilter({ attribute })),
  fc
    .constantFrom(
      ...['person', 'inetOrgPerson', 'INETORGPERSON', 'mssMailbox', 'organizationalUnit', 'organization', 'top', '2.5.6.6'],
      // By no name of a class, and by a number that is none's.
      ...['fantasy', '1.2.3.4'],
    )
    .map((value) => new EqualityFilter({ attribute: 'objectClass', value })),
  fc.constantFrom('PER', 'CAB', 'org', 'APP', 'none').map((value) => new EqualityFilter({ attribute: 'mssBoxType', value })),
  fc.constantFrom('foo', 'telephoneNumber', 'mobile').map((attribute) => new EqualityFilter({ attribute, value: '0102030405' })),
  fc
    .record({ attribute: fc.constantFrom('mssPaperless', 'mssPreferred'), value: fc.constantFrom('TRUE', 'FALSE', 'oui') })
    .map((assertion) => new EqualityFilter(assertion)),
  // No rule for pieces, or none at all; values that no entry could have.
  fc
    .constantFrom('mssBoxType', 'objectClass', 'mssPaperless', 'foo', 'facsimileTelephoneNumber')
    .map((attribute) => new SubstringFilter({ attribute, initial: 'P' })),
  fc
    .constantFrom(['mail', 'zoé@x'], ['telephoneNumber', 'numéro'], ['facsimileTelephoneNumber', '0102030405'], ['cn', ''], ['mail', ''])
    .map(([attribute = '', value = '']) => new EqualityFilter({ attribute, value })),
  fc.constantFrom('mail', 'cn').map((attribute) => new SubstringFilter({ attribute, initial: 'zoé' })),
);

function combined(leaves: fc.Arbitrary<Filter>, withNot: boolean): fc.Arbitrary<Filter> {
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => {
    const several = fc.array(tie('filter'), { minLength: 1, maxLength: 4 });
    return {
      filter: fc.oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        leaves,
        several.map((filters) => new AndFilter({ filters })),
        several.map((filters) => new OrFilter({ filters })),
        ...(withNot ? [tie('filter').map((inner) => new NotFilter({ filter: inner }))] : []),
      ),
    };
  });
  return filter;
}

function comparisons(values: BookValues, isPlainOnly: boolean): fc.Arbitrary<Filter> {
  const wholes = fc
    .record({ attribute: fc.constantFrom(...searchable), pick: fc.nat(), style: styles })
    .map(({ attribute, pick, style }) => {
      const asked = style(at(values.get(attribute) ?? [], pick));
      const same = (fold: (text: string) => string) => (value: string) => fold(value) === fold(asked);
      return { filter: new EqualityFilter({ attribute, value: asked }) as Filter, attribute, same };
    });
  const cuts = fc.array(fc.nat(60), { minLength: 2, maxLength: 6 });
  const parts = fc
    .record({ attribute: fc.constantFrom(...searchable), pick: fc.nat(), cuts, style: styles })
    .map(({ attribute, pick, cuts: places, style }) => {
      const pieces = cut(at(values.get(attribute) ?? [], pick), places, style, isPlainOnly ? /^[\p{L}\d](?:.*[\p{L}\d])?$/u : /./);
      return { attribute, pieces };
    })
    .filter(({ pieces }) => pieces !== undefined)
    .map(({ attribute, pieces = { initial: '', any: [], final: '' } }) => {
      const same = (fold: (text: string) => string) => (value: string) => holds(fold(value), pieces, fold);
      return { filter: new SubstringFilter({ attribute, ...pieces, any: [...pieces.any] }) as Filter, attribute, same };
    });
  return fc
    .oneof(wholes, parts)
    .filter(({ attribute, same }) => !isPlainOnly || codes.has(attribute) || isPlain(values.get(attribute) ?? [], same))
    .map(({ filter }) => filter);
}

/** True when it finds the same among the values whether accents and punctuation are folded or not. */
function isPlain(values: readonly string[], same: (fold: (text: string) => string) => (value: string) => boolean): boolean {
  const [inCase, folded] = [same((text) => text.toLowerCase()), same(foldText)];
  return values.every((value) => inCase(value) === folded(value));
}

/** What our book compares: words of plain letters and digits. */
function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/œ/g, 'oe')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

function holds(value: string, { initial, any, final }: Pieces, fold: (text: string) => string): boolean {
  const [first, last] = [fold(initial), fold(final)];
  if (!value.startsWith(first) || !value.endsWith(last) || first.length + last.length > value.length) return false;
  let from = first.length;
  for (const piece of any.map(fold)) {
    const found = value.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return from + last.length <= value.length;
}

/** Pieces of a value between places, in their order, that have the shape; undefined when none is left. */
function cut(value: string, places: readonly number[], style: (text: string) => string, shape: RegExp): Pieces | undefined {
  const sorted = [...places].map((place) => place % (value.length + 1)).sort((a, b) => a - b);
  let [initial, final] = ['', ''];
  const any: string[] = [];
  for (let index = 0; index + 1 < sorted.length; index += 2) {
    const [from = 0, to = 0] = sorted.slice(index, index + 2);
    const piece = value.slice(from, to);
    if (!shape.test(piece)) continue;
    if (from === 0) initial = style(piece);
    else if (to === value.length) final = style(piece);
    else any.push(style(piece));
  }
  return initial === '' && final === '' && any.length === 0 ? undefined : { initial, any, final };
}

function at<Item>(list: readonly Item[], number: number): Item {
  const item = list[number % list.length];
  if (item === undefined) throw new Error('No entry has a value of this attribute');
  return item;
}
