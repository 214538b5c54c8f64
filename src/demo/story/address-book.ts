// The address book that Outlook and Thunderbird ask: colleagues by a few letters of their name, a patient by an exact question, and
// nothing for whoever only looks around. Requirements 19 and 23.
import { type AddressBookDoor, ask, type Found } from '../address-book.ts';
import { dominiquePatTrois, hiddenColleague, leaMartin, paulDurand, ruthNessi } from '../cast.ts';
import type { World } from '../world.ts';
import { person, type Step } from './step.ts';

/** The chapter of the directory. */
export const addressBook: readonly Step[] = [
  {
    says: `Dr Durand types « mart » in his mail program: it finds ${leaMartin.address}`,
    play: async (world) => {
      const found = await asks(world, paulDurand, '(|(mail=*mart*)(cn=*mart*)(givenName=*mart*)(sn=*mart*))');
      const [colleague] = found.filter(({ mail }) => mail === leaMartin.address);
      if (!colleague || found.length !== 1) throw new Error(`${found.length} were found`);
      return inWords(colleague);
    },
  },
  {
    says: 'A colleague on the red list receives letters, and is found by nobody',
    play: async (world) => {
      const found = await asks(world, paulDurand, `(|(sn=${hiddenColleague.familyName})(mail=${hiddenColleague.address}))`);
      if (found.length > 0) throw new Error('The red list was found');
      return 'nobody by this name, nor by this address';
    },
  },
  {
    says: 'Dr Durand asks for a patient by birth name, given name and birth date: he learns where she reads',
    play: async (world) => {
      const { birthName, firstGivenName, birthDate } = dominiquePatTrois;
      const found = await asks(world, paulDurand, `(&(sn=${birthName})(givenName=${firstGivenName})(mssBirthDate=${birthDate}))`);
      const [patient] = found;
      if (patient?.mail !== dominiquePatTrois.address) throw new Error('The patient was not found');
      return inWords(patient);
    },
  },
  {
    says: 'The same with a matricule, typed in the one field that a mail program has',
    play: async (world) => {
      const found = await asks(world, leaMartin, `(|(mail=*${ruthNessi.ins}*)(cn=*${ruthNessi.ins}*)(sn=*${ruthNessi.ins}*))`);
      if (found[0]?.mail !== ruthNessi.address) throw new Error('The patient was not found');
      return inWords(found[0]);
    },
  },
  {
    says: 'A name alone finds no patient: citizens cannot be browsed',
    play: async (world) => {
      const found = await asks(world, paulDurand, `(|(sn=${dominiquePatTrois.birthName}*)(cn=*${ruthNessi.birthName}*))`);
      if (found.length > 0) throw new Error(`${found.length} were found`);
      return 'nobody';
    },
  },
  {
    says: 'A citizen signs in to the address book: refused',
    play: async (world) => {
      const answer = await ask(door(world), person(world, dominiquePatTrois), '(cn=*mart*)');
      if (!('code' in answer)) throw new Error('The citizen was answered');
      return `result ${answer.code}`;
    },
  },
];

async function asks(world: World, asker: typeof paulDurand, filter: string): Promise<readonly Found[]> {
  const answer = await ask(door(world), person(world, asker), filter);
  if ('code' in answer) throw new Error(`Refused with result ${answer.code}`);
  return answer;
}

function door({ doors, gateway }: World): AddressBookDoor {
  if (gateway.ports.ldapTls === undefined) throw new Error('The LDAP door is closed');
  const { baseDn } = gateway.context.config.ldap;
  return { host: doors.host, tlsPort: gateway.ports.ldapTls, baseDn, authority: doors.authority };
}

function inWords({ name, mail, about }: Found): string {
  return [`${name} <${mail ?? 'no open mailbox'}>`, ...about].join(', ');
}
