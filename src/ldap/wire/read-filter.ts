// The filter of a search, from bytes to ldapts' classes: bounded in depth and in number, so that no question costs more to read than to
// answer. RFC 4511 §4.5.1.7.
import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  type Filter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SearchFilter,
  SubstringFilter,
} from 'ldapts';
import { type BerElement, BerElements, readText } from './ber-elements.ts';
import { LdapProtocolError } from './protocol-error.ts';

const maxDepth = 32;
/** Nodes of every kind: an empty AND costs as much as an equality. */
const maxNodes = 500;

/** Tags of the pieces of a substring. */
const piece = { initial: 0x80, any: 0x81, final: 0x82 };

type Budget = { nodesLeft: number };

/** Reads a filter; throws LdapProtocolError when it is none, or more than we take. */
export function readFilter(element: BerElement): Filter {
  return read(element, maxDepth, { nodesLeft: maxNodes });
}

function read({ tag, content }: BerElement, depthLeft: number, budget: Budget): Filter {
  budget.nodesLeft -= 1;
  if (depthLeft === 0) throw new LdapProtocolError(`A filter is at most ${maxDepth} levels deep`);
  if (budget.nodesLeft < 0) throw new LdapProtocolError(`A filter has at most ${maxNodes} parts`);
  const inside = new BerElements(content);
  switch (tag) {
    case SearchFilter.and:
      return new AndFilter({ filters: readSet(inside, depthLeft - 1, budget) });
    case SearchFilter.or:
      return new OrFilter({ filters: readSet(inside, depthLeft - 1, budget) });
    case SearchFilter.not: {
      const filter = read(inside.next(), depthLeft - 1, budget);
      inside.end();
      return new NotFilter({ filter });
    }
    case SearchFilter.present: {
      const attribute = readText(content);
      if (attribute === undefined) throw new LdapProtocolError('The name of an attribute is not UTF-8');
      return new PresenceFilter({ attribute });
    }
    case SearchFilter.substrings:
      return readSubstring(inside);
    case SearchFilter.equalityMatch:
      return readAssertion(inside, (assertion) => new EqualityFilter(assertion));
    case SearchFilter.approxMatch:
      return readAssertion(inside, (assertion) => new ApproximateFilter(assertion));
    case SearchFilter.greaterOrEqual:
      return readAssertion(inside, (assertion) => new GreaterThanEqualsFilter(assertion));
    case SearchFilter.lessOrEqual:
      return readAssertion(inside, (assertion) => new LessThanEqualsFilter(assertion));
    case SearchFilter.extensibleMatch:
      return readExtensible(inside);
    default:
      throw new LdapProtocolError('A filter is of no known kind');
  }
}

function readSet(elements: BerElements, depthLeft: number, budget: Budget): Filter[] {
  const filters: Filter[] = [];
  while (!elements.isAtEnd) filters.push(read(elements.next(), depthLeft, budget));
  return filters;
}

function readAssertion(elements: BerElements, make: (assertion: { attribute: string; value: string }) => Filter): Filter {
  const attribute = elements.text();
  const value = readText(elements.octets());
  elements.end();
  return value === undefined ? undecidable(attribute) : make({ attribute, value });
}

function readSubstring(elements: BerElements): Filter {
  const attribute = elements.text();
  const pieces = elements.inside();
  elements.end();
  if (pieces.isAtEnd) throw new LdapProtocolError('A substring has no piece');
  const read: { attribute: string; initial?: string; any: string[]; final?: string } = { attribute, any: [] };
  let isReadable = true;
  for (let isFirst = true; !pieces.isAtEnd; isFirst = false) {
    const { tag, content } = pieces.next();
    const text = readText(content);
    if (text === undefined) isReadable = false;
    else if (tag === piece.initial && isFirst) read.initial = text;
    else if (tag === piece.any) read.any.push(text);
    else if (tag === piece.final && pieces.isAtEnd) read.final = text;
    else throw new LdapProtocolError('The pieces of a substring are out of order');
  }
  return isReadable ? new SubstringFilter(read) : undecidable(attribute);
}

function readExtensible(elements: BerElements): Filter {
  // Rule, attribute, value, DN attributes. What they say changes nothing: no rule is known here.
  if (elements.nextTag === 0x81) elements.octets(0x81);
  const attribute = elements.nextTag === 0x82 ? elements.text(0x82) : '';
  elements.octets(0x83);
  if (elements.nextTag === 0x84) elements.boolean(0x84);
  elements.end();
  return undecidable(attribute);
}

/** A question that is neither true nor false of any entry: what a value that is no text is compared with, or by a rule we do not know. */
function undecidable(attribute: string): Filter {
  return new ExtensibleFilter({ matchType: attribute });
}
