// An entry before it is sent: all it has; a request then chooses from it. RFC 4511 §4.5.1.8.
import { isKindOf, isOperational, knownAttribute } from '../schema/known-names.ts';
import type { SentAttribute } from '../wire/write-answer.ts';

/** An entry with everything it has. */
export type LdapEntry = { readonly dn: string; readonly attributes: readonly SentAttribute[] };

/** Makes an entry; attributes without a value are left out, for an entry has none of those. */
export function makeEntry(dn: string, values: Readonly<Record<string, string | readonly string[] | undefined>>): LdapEntry {
  const attributes = Object.entries(values).map(([name, value]) => ({
    name,
    values: (typeof value === 'string' ? [value] : (value ?? [])).filter((one) => one !== ''),
  }));
  return { dn, attributes: attributes.filter((attribute) => attribute.values.length > 0) };
}

/** Chooses, from everything an entry has, what a request names. Decides once for all entries of a search. */
export type Selection = (entry: LdapEntry) => readonly SentAttribute[];

/**
 * Reads the names of a request: none of them or `*` means every user attribute, `+` every operational one (RFC 3673), `1.1` none. Names
 * with options (`cn;lang-fr`, `userCertificate;binary`) choose nothing: no value here has one. RFC 3866 §2.
 */
export function readSelection(names: readonly string[], typesOnly: boolean): Selection {
  const isAllUser = names.length === 0 || names.includes('*');
  const isAllOperational = names.includes('+');
  const named = names.flatMap((name) => {
    const known = knownAttribute(name);
    return known && !known.hasOptions ? [known.name] : [];
  });
  const choices = new Map<string, boolean>();
  const isChosen = (name: string) => {
    let chosen = choices.get(name);
    if (chosen === undefined) {
      chosen = (isOperational(name) ? isAllOperational : isAllUser) || named.some((asked) => isKindOf(name, asked));
      choices.set(name, chosen);
    }
    return chosen;
  };
  return ({ attributes }) => {
    const chosen = attributes.filter(({ name }) => isChosen(name));
    return typesOnly ? chosen.map(({ name }) => ({ name, values: [] })) : chosen;
  };
}
