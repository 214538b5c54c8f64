// What the server says of itself, to anyone: its abilities and its schema. RFC 4512 §4.2 and §5.1.
import { attributeTypes, objectClasses } from '../schema/known-names.ts';
import { matchingRules, syntaxes } from '../schema/standard-schema.ts';
import { subschemaDn, type Tree } from '../tree.ts';
import { controlOid, extensionOid } from '../wire/protocol.ts';
import { type LdapEntry, makeEntry } from './entry.ts';

/** What is understood beyond the bare protocol: `+` (RFC 3673), filters that are always true or false (RFC 4526). */
const features = ['1.3.6.1.4.1.4203.1.5.1', '1.3.6.1.4.1.4203.1.5.3'];

/** The root DSE. `isSecure`: StartTLS is offered to those who have no TLS yet. */
export function rootDse(tree: Tree, isSecure: boolean): LdapEntry {
  return makeEntry('', {
    objectClass: 'top',
    structuralObjectClass: 'top',
    namingContexts: tree.baseDn,
    subschemaSubentry: subschemaDn,
    supportedLDAPVersion: '3',
    supportedControl: Object.values(controlOid),
    supportedExtension: isSecure ? [extensionOid.whoAmI] : [extensionOid.startTls, extensionOid.whoAmI],
    supportedFeatures: features,
    vendorName: 'Passerelle',
  });
}

/** The subschema entry. */
export const subschemaEntry: LdapEntry = makeEntry(subschemaDn, {
  objectClass: ['top', 'subschema', 'extensibleObject'],
  cn: 'Subschema',
  structuralObjectClass: 'subschema',
  subschemaSubentry: subschemaDn,
  entryDN: subschemaDn,
  ldapSyntaxes: syntaxes,
  matchingRules,
  attributeTypes,
  objectClasses,
});
