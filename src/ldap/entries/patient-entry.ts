// A citizen, as the professional who named them exactly sees them: enough to be sure of the person, and whether they can be written to.
// Requirements 23 and 34, domain.md §5.
import type { FoundCitizen } from '../../../directory/book/ask-citizen.ts';
import { type CitizenState, isCitizenState } from '../../../directory/states.ts';
import type { FoundElsewhere } from '../../../directory/upstream/upstream-answer.ts';
import type { Ins } from '../../core/ins.ts';
import { subschemaDn, type Tree } from '../tree.ts';
import { type LdapEntry, makeEntry } from './entry.ts';

/** The classes of every citizen's entry. */
export const patientClasses: readonly string[] = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'mssPatient'];

/** States as they are told: a refusal is the citizen's own affair, and reads as a mailbox that was closed. */
type ToldState = Exclude<CitizenState, 'opposed'>;

const stateInWords: Readonly<Record<ToldState, string>> = {
  created: 'messagerie ouverte, pas encore consultée',
  activated: 'messagerie activée',
  reopened: 'messagerie rouverte',
  closed: 'messagerie fermée',
};

/** Writes the entry of a citizen of ours. Without an address there is no `mail`: nothing can be sent. */
export function patientEntry(tree: Tree, citizen: FoundCitizen): LdapEntry {
  const born = `${citizen.sex === 'F' ? 'Née' : 'Né'} le ${citizen.birthDate.split('-').reverse().join('/')}`;
  return entryOf(tree, citizen.ins, {
    cn: citizen.displayName,
    displayName: citizen.displayName,
    sn: citizen.birthName,
    givenName: citizen.firstGivenName,
    mail: citizen.address,
    description: `${born} ; ${stateInWords[citizen.state]}`,
    mssBoxState: citizen.state,
    mssBirthDate: citizen.birthDate,
    mssSex: citizen.sex,
  });
}

/** Writes the entry of a citizen whom another directory knows by the matricule asked about. */
export function patientElsewhereEntry(tree: Tree, ins: Ins, found: FoundElsewhere): LdapEntry {
  const name = found.displayName === '' ? 'Patient' : found.displayName;
  const state = toldState(found.state);
  return entryOf(tree, ins, {
    cn: name,
    displayName: name,
    sn: name,
    mail: state === 'closed' ? undefined : found.address,
    description: `Connu d’un autre annuaire${state ? ` ; ${stateInWords[state]}` : ''}`,
    mssBoxState: state,
  });
}

function entryOf(tree: Tree, ins: Ins, values: Parameters<typeof makeEntry>[1]): LdapEntry {
  const dn = tree.patientDn(ins);
  return makeEntry(dn, {
    objectClass: patientClasses,
    ...values,
    mssINS: ins,
    structuralObjectClass: 'inetOrgPerson',
    subschemaSubentry: subschemaDn,
    hasSubordinates: 'FALSE',
    entryDN: dn,
  });
}

function toldState(state: string | undefined): ToldState | undefined {
  if (state === undefined || !isCitizenState(state)) return undefined;
  return state === 'opposed' ? 'closed' : state;
}
