// Whether a comparison means anything: the schema has a rule for it, and the value is one that the attribute could have. One that means
// nothing is undefined of every entry, and so is its contrary. RFC 4511 §4.5.1.7.
import { parseDn } from '../distinguished-name.ts';
import { knownClass, ruleOf, syntaxOf } from './known-names.ts';

/** Values of the syntaxes that not every text belongs to. RFC 4517 §3.3. */
const belongs: Readonly<Record<string, (value: string) => boolean>> = {
  '1.3.6.1.4.1.1466.115.121.1.7': (value) => value === 'TRUE' || value === 'FALSE',
  '1.3.6.1.4.1.1466.115.121.1.12': (value) => parseDn(value) !== undefined,
  '1.3.6.1.4.1.1466.115.121.1.15': (value) => value !== '',
  '1.3.6.1.4.1.1466.115.121.1.26': (value) => /^\p{ASCII}*$/u.test(value),
  '1.3.6.1.4.1.1466.115.121.1.50': (value) => /^[a-z0-9'()+,\-./:=? ]+$/i.test(value),
};

/** True when an attribute of the schema can be compared in this way with these values: one whole value, or the pieces of one. */
export function isComparable(name: string, by: 'equality' | 'pieces', values: readonly string[]): boolean {
  if (ruleOf(name, by) === undefined) return false;
  if (name === 'objectClass') return values.every((value) => knownClass(value) !== undefined);
  return values.every(belongs[syntaxOf(name) ?? ''] ?? (() => true));
}
