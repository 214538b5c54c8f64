// Fills the fictional directory: everyone of the cast gets an address, a mailbox and a password for their software.
import { setPractices } from '../../directory/practices.ts';
import { registerAddress, registerCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import type { Holder } from '../../mailboxes/schema.ts';
import { setFirstContact } from '../../policies/first-contacts.ts';
import { issueApplicationPassword } from '../accounts/application-passwords.ts';
import { type Address, domainOf } from '../core/address.ts';
import type { Db } from '../database/tables.ts';
import { patients, practitioners, type Structure, structureBoxes } from './cast.ts';
import type { Person } from './clients.ts';

/** What filling the directory takes. `quotaBytes` is each mailbox's. */
export type Registry = { readonly db: Db; readonly pepper: Buffer; readonly quotaBytes: number };

/** Writes the whole cast; returns who can sign in, by address. */
export async function populate(registry: Registry): Promise<ReadonlyMap<Address, Person>> {
  const { db } = registry;
  for (const practitioner of practitioners) {
    await registerPlace(db, practitioner.structure);
    await registerProfessional(db, {
      rpps: practitioner.nationalId.slice(1),
      civility: practitioner.title,
      familyName: practitioner.familyName,
      givenName: practitioner.givenName,
      profession: practitioner.profession,
    });
    const label = `${practitioner.title} ${practitioner.givenName} ${practitioner.familyName}`;
    const structureId = practitioner.structure.structureId;
    const { address, nationalId, profession, speciality: skill, redList = false } = practitioner;
    await registerAddress(db, { address, type: 'PER', label, rpps: nationalId.slice(1), structureId, redList });
    await db.transaction().execute((trx) => setPractices(trx, address, [{ profession, skill, structureId }]));
  }
  for (const box of structureBoxes) {
    await registerPlace(db, box.structure);
    await registerAddress(db, {
      address: box.address,
      type: box.type,
      label: box.displayName,
      structureId: box.structure.structureId,
    });
    if (box.citizensMayWriteFirst) await setFirstContact(db, box.address, { audience: 'everyone' });
  }
  // Matricules of tests (OID .10): in production they would raise an alarm.
  for (const patient of patients) await registerCitizen(db, { ...patient, arc: 10 }, domainOf(patient.address));
  const professionals = [...practitioners, ...structureBoxes].map(({ address }) => ({ address, holder: 'professional' as const }));
  const people = [...professionals, ...patients.map(({ address }) => ({ address, holder: 'citizen' as const }))];
  return new Map(
    await Promise.all(people.map(async ({ address, holder }) => [address, await giveMailbox(registry, address, holder)] as const)),
  );
}

function registerPlace(db: Db, { structureId, name, postalCode, city }: Structure): Promise<void> {
  return registerStructure(db, { structureId, name, postalCode, routingLine: `${postalCode} ${city}` });
}

async function giveMailbox({ db, pepper, quotaBytes }: Registry, address: Address, holder: Holder): Promise<Person> {
  await createMailbox(db, address, quotaBytes, holder);
  return { address, password: await issueApplicationPassword(db, pepper, address, 'demo') };
}
