// Many people at once: doctors who send and citizens who receive, for tests whose load must spread over mailboxes.
import { registerAddress, registerCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import type { Holder } from '../../mailboxes/schema.ts';
import { issueApplicationPassword } from '../../src/accounts/application-passwords.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { insKey, parseIns } from '../../src/core/ins.ts';
import type { Db } from '../../src/database/tables.ts';

/** Someone with a mailbox and a password for their software. */
export type Someone = { readonly address: Address; readonly password: string };

/** How many of each. */
export type CrowdSize = { readonly doctors: number; readonly citizens: number };

/** Who they are. */
export type Crowd = { readonly doctors: readonly Someone[]; readonly citizens: readonly Someone[] };

/** What registering people takes. `quotaBytes` is each mailbox's. */
export type Registry = { readonly db: Db; readonly pepper: Buffer; readonly quotaBytes: number };

/** The domain of the doctors. */
export const doctorsDomain = 'medecins.test';

/** Where people are registered, unless a test wants otherwise. */
const usualDomains = { doctors: doctorsDomain, citizens: 'patient.mssante.fr' };
const hospital = { structureId: '1990009001', name: 'Hôpital des essais' };

/** Registers a crowd, each with a mailbox. */
export async function registerCrowd(registry: Registry, size: CrowdSize, domains = usualDomains): Promise<Crowd> {
  const { db } = registry;
  await registerStructure(db, hospital);
  const doctors: Someone[] = [];
  for (let number = 0; number < size.doctors; number += 1) {
    const rpps = String(10_900_000_000 + number);
    const person = { rpps, civility: 'Dr', familyName: `ESSAI-${number}`, givenName: 'Camille', profession: 'Médecin' };
    const address = checked(parseAddress(`medecin-${number}@${domains.doctors}`));
    await registerProfessional(db, person);
    await registerAddress(db, { address, type: 'PER', label: `Dr Camille ESSAI-${number}`, rpps, structureId: hospital.structureId });
    doctors.push(await giveMailbox(registry, address, 'professional'));
  }
  const citizens: Someone[] = [];
  for (let number = 0; number < size.citizens; number += 1) {
    const matricule = `29001991${String(number).padStart(5, '0')}`;
    const ins = checked(parseIns(matricule + insKey(matricule)));
    const traits = { ins, birthName: `FICTIF-${number}`, firstGivenName: 'DOMINIQUE', birthDate: '1990-01-15', sex: 'F' } as const;
    citizens.push(await giveMailbox(registry, await registerCitizen(db, traits, domains.citizens), 'citizen'));
  }
  return { doctors, citizens };
}

async function giveMailbox({ db, pepper, quotaBytes }: Registry, address: Address, holder: Holder): Promise<Someone> {
  await createMailbox(db, address, quotaBytes, holder);
  return { address, password: await issueApplicationPassword(db, pepper, address, 'test') };
}

function checked<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The crowd holds an address that is not valid');
  return value;
}
