// From what an operator types to whom it means. Nothing that was typed is repeated in a refusal: it may be a matricule.
import { userInfo } from 'node:os';
import { findCitizens } from '../../directory/matricules.ts';
import { type Holder, type ProfessionalHolder, resolveAddresses } from '../../directory/resolve-addresses.ts';
import { type Address, domainOf, parseAddress } from '../core/address.ts';
import { RefusedError } from '../core/errors.ts';
import { parseIns } from '../core/ins.ts';
import { UsageError } from './failures.ts';
import type { CommandWorld } from './with-database.ts';

/** What `--help` says of a citizen's argument. */
export const citizenHelp = 'matricule INS ou adresse du citoyen ; « - » le lit sur l’entrée standard';
/** What `--help` says of a mailbox's argument. */
export const mailboxHelp = 'adresse de la boîte professionnelle';

/** A citizen who is registered here. Throws UsageError for what is no matricule nor address, RefusedError for nobody. */
export async function nameCitizen(world: CommandWorld, typed: string): Promise<number> {
  const address = parseAddress(typed);
  const ins = parseIns(typed);
  if (!address && !ins) throw new UsageError('Un citoyen se nomme par son matricule INS (15 caractères, clé juste) ou par son adresse.');
  const citizenId = ins ? (await findCitizens(world.db, [ins])).get(ins) : address && (await citizenAt(world, address));
  if (citizenId === undefined) throw new RefusedError('citizen-unknown', 'Aucun citoyen inscrit ici n’a ce matricule ou cette adresse');
  return citizenId;
}

async function citizenAt(world: CommandWorld, address: Address): Promise<number | undefined> {
  const holder = await holderOf(world, address);
  return holder?.kind === 'citizen' ? holder.citizenId : undefined;
}

async function holderOf({ db, config }: CommandWorld, address: Address): Promise<Holder | undefined> {
  return (await resolveAddresses(db, config.hostedDomains.citizens, [address])).get(address);
}

/** A professional's or a structure's mailbox kept here. Throws as nameCitizen does. */
export async function nameMailbox(world: CommandWorld, typed: string): Promise<ProfessionalHolder> {
  const address = nameAddress(typed);
  const holder = await holderOf(world, address);
  if (holder?.kind !== 'professional')
    throw new RefusedError('mailbox-unknown', 'Aucune boîte professionnelle n’est tenue ici à cette adresse');
  return holder;
}

/** Whoever a citizen may write to: a mailbox kept here, or any address of another operator. */
export async function nameCorrespondent(
  world: CommandWorld,
  typed: string,
): Promise<{ readonly address: Address; readonly holder?: ProfessionalHolder }> {
  const address = nameAddress(typed);
  const holder = await holderOf(world, address);
  if (holder?.kind === 'professional') return { address, holder };
  const { citizens, professionals } = world.config.hostedDomains;
  const isHosted = domainOf(address) === citizens || professionals.includes(domainOf(address));
  if (holder || isHosted) throw new RefusedError('correspondent-unknown', 'Aucun professionnel n’est joignable à cette adresse');
  return { address };
}

/** An address, whoever holds it. */
export function nameAddress(typed: string): Address {
  const address = parseAddress(typed);
  if (!address) throw new UsageError('Une adresse s’écrit nom@domaine, sans chevrons.');
  return address;
}

/** Who decides: whom `--by` names, else the person signed in to this machine. */
export function whoDecides(by: string | undefined): string {
  const name = by?.trim() ?? systemUser();
  if (!/^[^\p{Cc}]{1,100}$/u.test(name)) throw new UsageError('--by attend un nom de 1 à 100 caractères.');
  return name;
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's list, as in some containers.
    return `compte ${process.getuid?.() ?? '?'}`;
  }
}
