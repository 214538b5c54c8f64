// From a filter of LDAP to a question to the address book: which of our facts each attribute asks about. What can be said without asking
// (an object class, an attribute that every entry has, one that none has) is said here. RFC 4511 §4.5.1.7, RFC 4526.
import { AndFilter, ApproximateFilter, EqualityFilter, type Filter, NotFilter, OrFilter, PresenceFilter, SubstringFilter } from 'ldapts';
import type { BookAttribute, BookFilter } from '../../../directory/book/book-filter.ts';
import { isComparable } from '../schema/comparable.ts';
import { isKindOf, knownAttribute, knownClass } from '../schema/known-names.ts';

/** One branch of the tree: what its entries all are and have, and what their other attributes ask about. */
export type Branch = {
  readonly classes: readonly string[];
  /** Attributes that no entry of the branch lacks. */
  readonly always: ReadonlySet<string>;
  /** The facts behind each attribute that can be asked about; several when its values are of several kinds. */
  readonly facts: Readonly<Record<string, readonly BookAttribute[]>>;
  /** Attributes that entries may have, though nobody can ask about them. */
  readonly silent: ReadonlySet<string>;
};

/** The shape of a comparison, without what is compared. */
type Comparison = (attribute: BookAttribute) => BookFilter;

const certain = { true: { is: 'true' }, false: { is: 'false' }, undefined: { is: 'undefined' } } as const satisfies Record<
  string,
  BookFilter
>;

/** Longer values are nobody's; PostgreSQL's texts hold no NUL. */
const maxValueLength = 1024;

/** Active Directory's « any name that looks like this », which Outlook's users may have set. */
const ambiguousName = 'anr';

/** Says in the book's words what a filter asks of one branch. */
export function bookQuestion(filter: Filter, branch: Branch): BookFilter {
  if (filter instanceof AndFilter) return all('and', filter.filters, branch);
  if (filter instanceof OrFilter) return all('or', filter.filters, branch);
  if (filter instanceof NotFilter) return not(bookQuestion(filter.filter, branch));
  if (filter instanceof PresenceFilter) return present(filter.attribute, branch);
  if (filter instanceof EqualityFilter) return equal(filter.attribute, String(filter.value), branch);
  if (filter instanceof ApproximateFilter) return alike(filter.attribute, filter.value, branch);
  if (filter instanceof SubstringFilter) return substring(filter, branch);
  // No fact here has an order, and no matching rule is known by name.
  return certain.undefined;
}

function all(is: 'and' | 'or', filters: readonly Filter[], branch: Branch): BookFilter {
  const of = filters.map((filter) => bookQuestion(filter, branch));
  const [neutral, absorbing] = is === 'and' ? (['true', 'false'] as const) : (['false', 'true'] as const);
  if (of.some((part) => part.is === absorbing)) return certain[absorbing];
  const left = of.filter((part) => part.is !== neutral);
  const [only] = left;
  if (!only) return certain[neutral];
  return left.length === 1 ? only : { is, of: left };
}

function not(of: BookFilter): BookFilter {
  if (of.is === 'true') return certain.false;
  if (of.is === 'false') return certain.true;
  return of.is === 'undefined' ? of : { is: 'not', of };
}

function present(description: string, branch: Branch): BookFilter {
  const known = knownAttribute(description);
  if (!known) return certain.undefined;
  if (known.hasOptions) return certain.false;
  if (branch.always.has(known.name)) return certain.true;
  return compare(known.name, branch, (attribute) => ({ is: 'present', attribute }));
}

function equal(description: string, value: string, branch: Branch): BookFilter {
  if (description.toLowerCase() === ambiguousName) return anyName(value);
  return compareKnown(description, 'equality', [value], branch, (attribute) => ({ is: 'equal', attribute, value }));
}

function alike(description: string, value: string, branch: Branch): BookFilter {
  return compareKnown(description, 'equality', [value], branch, (attribute) => ({ is: 'alike', attribute, value }));
}

function substring({ attribute: description, initial, any, final }: SubstringFilter, branch: Branch): BookFilter {
  const pieces = { ...(initial && { initial }), any: any.filter((piece) => piece !== ''), ...(final && { final }) };
  // `(mail=**)`: any value will do.
  if (!initial && !final && pieces.any.length === 0) return present(description, branch);
  if (description.toLowerCase() === ambiguousName) return anyName([initial, ...any, final].join(' '));
  const all = [initial, ...any, final].filter((piece) => piece !== '');
  return compareKnown(description, 'pieces', all, branch, (attribute) => ({ is: 'substring', attribute, ...pieces }));
}

function compareKnown(
  description: string,
  by: 'equality' | 'pieces',
  values: readonly string[],
  branch: Branch,
  comparison: Comparison,
): BookFilter {
  const known = knownAttribute(description);
  if (!known || !isComparable(known.name, by, values)) return certain.undefined;
  // With options, an attribute is known and nobody has it.
  if (known.hasOptions || values.some(isNobodys)) return certain.false;
  return known.name === 'objectClass' ? classIs(values, branch) : compare(known.name, branch, comparison);
}

function compare(name: string, branch: Branch, comparison: Comparison): BookFilter {
  const facts = factsOf(name, branch);
  if (facts.length === 0) return branch.silent.has(name) ? certain.undefined : certain.false;
  const of = facts.map((fact) => (fact === 'familyName' ? familyName(branch, comparison) : comparison(fact)));
  return of.length === 1 && of[0] ? of[0] : { is: 'or', of };
}

/** Those of the attribute, and of the kinds of it: whoever asks about `name` asks about `cn` and `l` too. RFC 4512 §2.5.1. */
function factsOf(name: string, { facts }: Branch): BookAttribute[] {
  const kinds = Object.entries(facts).filter(([kind]) => isKindOf(kind, name));
  return [...new Set(kinds.flatMap(([, behind]) => behind))];
}

/** The family name shown for a structure is its own name: it is found by what is shown. */
function familyName(branch: Branch, comparison: Comparison): BookFilter {
  const ofPeople = comparison('familyName');
  if (!branch.classes.includes('mssMailbox')) return ofPeople;
  const ofOthers: BookFilter = {
    is: 'and',
    of: [{ is: 'not', of: { is: 'present', attribute: 'familyName' } }, comparison('displayName')],
  };
  return { is: 'or', of: [ofPeople, ofOthers] };
}

function classIs(values: readonly string[], { classes }: Branch): BookFilter {
  const names = values.map(knownClass);
  return names.every((name) => name !== undefined && classes.includes(name)) ? certain.true : certain.false;
}

function anyName(value: string): BookFilter {
  if (isNobodys(value)) return certain.false;
  return {
    is: 'or',
    of: [
      { is: 'alike', attribute: 'displayName', value },
      { is: 'substring', attribute: 'address', initial: value, any: [] },
    ],
  };
}

function isNobodys(value: string): boolean {
  return value.length > maxValueLength || value.includes('\0');
}
