// The inner entries of the tree: what a program that browses sees before it asks anything.
import { knownAttribute } from '../schema/known-names.ts';
import { subschemaDn, type Tree } from '../tree.ts';
import { type LdapEntry, makeEntry } from './entry.ts';

/** The root of the tree. */
export function baseEntry(tree: Tree): LdapEntry {
  const { type, value } = tree.baseName;
  const name = knownAttribute(type)?.name ?? type;
  const structural = name === 'o' ? 'organization' : name === 'ou' ? 'organizationalUnit' : undefined;
  return container(tree.baseDn, structural, { [name]: value, description: 'Annuaire de la messagerie sécurisée de santé' });
}

/** The branch of professionals. */
export function professionalsEntry(tree: Tree): LdapEntry {
  return container(tree.professionalsDn, 'organizationalUnit', { ou: 'professionnels', description: 'Boîtes des professionnels de santé' });
}

/** The branch of citizens. It says that it has nothing under it: nobody browses it. */
export function patientsEntry(tree: Tree): LdapEntry {
  return container(
    tree.patientsDn,
    'organizationalUnit',
    {
      ou: 'patients',
      description: 'Un patient se cherche par son matricule INS, ou par ses nom de naissance, premier prénom et date de naissance',
    },
    false,
  );
}

function container(dn: string, structural: string | undefined, values: Record<string, string>, hasSubordinates = true): LdapEntry {
  return makeEntry(dn, {
    objectClass: structural === undefined ? ['top', 'extensibleObject'] : ['top', structural],
    ...values,
    structuralObjectClass: structural,
    subschemaSubentry: subschemaDn,
    hasSubordinates: hasSubordinates ? 'TRUE' : 'FALSE',
    entryDN: dn,
  });
}
