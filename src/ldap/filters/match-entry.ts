// Whether a filter is true of one entry held in memory: those the server makes itself. Three-valued: undefined is neither true nor false,
// and so is its contrary. RFC 4511 §4.5.1.7.
import { AndFilter, ApproximateFilter, EqualityFilter, type Filter, NotFilter, OrFilter, PresenceFilter, SubstringFilter } from 'ldapts';
import { sameValue } from '../distinguished-name.ts';
import type { LdapEntry } from '../entries/entry.ts';
import { isComparable } from '../schema/comparable.ts';
import { isKindOf, knownAttribute, knownClass } from '../schema/known-names.ts';

type Truth = boolean | undefined;

/** True when the filter is true of the entry. */
export function matchesEntry(filter: Filter, entry: LdapEntry): boolean {
  return truth(filter, entry) === true;
}

function truth(filter: Filter, entry: LdapEntry): Truth {
  if (filter instanceof AndFilter) return every(filter.filters.map((part) => truth(part, entry)));
  if (filter instanceof OrFilter) return opposite(every(filter.filters.map((part) => opposite(truth(part, entry)))));
  if (filter instanceof NotFilter) return opposite(truth(filter.filter, entry));
  if (filter instanceof PresenceFilter) return some(entry, filter.attribute, () => true);
  if (filter instanceof EqualityFilter || filter instanceof ApproximateFilter) {
    const wanted = String(filter.value);
    if (!isMeant(filter.attribute, 'equality', [wanted])) return undefined;
    return some(entry, filter.attribute, (value, name) =>
      name === 'objectClass' ? knownClass(wanted) === value : sameValue(value, wanted),
    );
  }
  if (filter instanceof SubstringFilter) {
    const { attribute, initial, any, final } = filter;
    const pieces = [initial, ...any, final].filter((piece) => piece !== '');
    return isMeant(attribute, 'pieces', pieces) ? some(entry, attribute, (value) => holdsPieces(value, filter)) : undefined;
  }
  return undefined;
}

function isMeant(description: string, by: 'equality' | 'pieces', values: readonly string[]): boolean {
  const known = knownAttribute(description);
  return known !== undefined && isComparable(known.name, by, values);
}

function every(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function opposite(fact: Truth): Truth {
  return fact === undefined ? undefined : !fact;
}

function some(entry: LdapEntry, description: string, test: (value: string, name: string) => boolean): Truth {
  const known = knownAttribute(description);
  if (!known) return undefined;
  if (known.hasOptions) return false;
  return entry.attributes.some(({ name, values }) => isKindOf(name, known.name) && values.some((value) => test(value, name)));
}

function holdsPieces(value: string, { initial, any, final }: SubstringFilter): boolean {
  const whole = value.toLowerCase();
  const [first, last] = [initial.toLowerCase(), final.toLowerCase()];
  if (!whole.startsWith(first) || !whole.endsWith(last) || first.length + last.length > whole.length) return false;
  let at = first.length;
  for (const piece of any) {
    const found = whole.indexOf(piece.toLowerCase(), at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at + last.length <= whole.length;
}
