// A question to the address book, as the LDAP door and the commands put it: a tree over the book's attributes, with the three-valued
// logic of RFC 4511 §4.5.1.7 (true, false, undefined).

/** What can be asked about. The last three are a citizen's: no professional has them, so they match nothing in the book. */
export type BookAttribute =
  | 'address'
  | 'type'
  | 'displayName'
  | 'familyName'
  | 'givenName'
  | 'civility'
  | 'rpps'
  | 'structureId'
  | 'structureName'
  | 'profession'
  | 'skill'
  | 'service'
  | 'description'
  | 'city'
  | 'postalCode'
  | 'department'
  | 'isPaperless'
  | 'isPreferred'
  | 'ins'
  | 'birthDate'
  | 'state';

/**
 * Words are compared without case, accents or punctuation, except in `address`, `rpps` and the other codes: there, without case. Facts that
 * are so or not are compared with `TRUE`.
 */
export type BookFilter =
  | { readonly is: 'and' | 'or'; readonly of: readonly BookFilter[] }
  | { readonly is: 'not'; readonly of: BookFilter }
  | { readonly is: 'equal'; readonly attribute: BookAttribute; readonly value: string }
  /** Approximate: the words of `value` all begin words of the attribute, in any order. */
  | { readonly is: 'alike'; readonly attribute: BookAttribute; readonly value: string }
  | {
      readonly is: 'substring';
      readonly attribute: BookAttribute;
      readonly initial?: string;
      readonly any: readonly string[];
      readonly final?: string;
    }
  | { readonly is: 'present'; readonly attribute: BookAttribute }
  /** What the door knows without asking: an object class, an attribute nobody has. */
  | { readonly is: 'true' | 'false' | 'undefined' };
