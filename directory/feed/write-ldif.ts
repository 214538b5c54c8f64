// One citizen as an LDIF record. RFC 2849: text that is not plain goes in base64, long lines are folded.
import { citizenDisplayName } from '../display-name.ts';
import { type FeedColumn, feedColumnNames } from './feed-line.ts';
import { attributeOf } from './ldif-attributes.ts';

/** What a file begins with. */
export const ldifHeader = 'version: 1\n';

const longestLine = 76;
const several: readonly FeedColumn[] = ['matricule_precedent', 'representants'];

/** The record, an empty line before it; `baseDn` is the root of the tree. Columns without a value have no attribute. */
export function ldifRecord(values: Readonly<Record<FeedColumn, string>>, baseDn: string): string {
  const name = citizenDisplayName({ birthName: values.nom_naissance, firstGivenName: values.premier_prenom });
  const lines = [
    attribute('dn', `mssINS=${values.matricule},ou=patients,${baseDn}`),
    'objectClass: inetOrgPerson',
    'objectClass: mssPatient',
    attribute('cn', name),
    ...feedColumnNames.flatMap((column) => {
      const all = several.includes(column) ? values[column].split(' ') : [values[column]];
      return all.filter((value) => value !== '').map((value) => attribute(attributeOf[column], value));
    }),
  ];
  return `\n${lines.join('\n')}\n`;
}

function attribute(name: string, value: string): string {
  // SAFE-STRING, and no blank at the end, which some programs lose.
  const isPlain = /^(?![ :<])[\x20-\x7e]*$/.test(value) && !value.endsWith(' ');
  const line = isPlain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`;
  const pieces = [line.slice(0, longestLine)];
  for (let at = longestLine; at < line.length; at += longestLine - 1) pieces.push(` ${line.slice(at, at + longestLine - 1)}`);
  return pieces.join('\n');
}
