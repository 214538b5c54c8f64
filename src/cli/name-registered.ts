// From what an admin types to a mailbox or an identifier of the registry.
import { parseRpps, parseStructureId } from '../../directory/national-ids.ts';
import { type RegisteredAddress, readAddresses } from '../../directory/read-addresses.ts';
import type { AddressesTable } from '../../directory/schema.ts';
import { type Address, domainOf } from '../core/address.ts';
import { RefusedError } from '../core/errors.ts';
import type { Db } from '../database/tables.ts';
import { UsageError } from './failures.ts';
import { nameAddress } from './name-parties.ts';
import type { CommandWorld } from './with-database.ts';

/** The types of professional mailboxes, as they are typed. */
export const boxTypes = ['PER', 'ORG', 'CAB', 'APP'] as const satisfies readonly AddressesTable['type'][];

/** What `--help` says of them. */
export const typeHelp = 'PER : une personne ; CAB : son cabinet ; ORG : un service d’une structure ; APP : un logiciel';

/** A mailbox of the registry, ours or listed elsewhere. Throws UsageError or RefusedError. */
export async function nameRegistered(db: Db, typed: string): Promise<RegisteredAddress> {
  const address = nameAddress(typed);
  const found = (await readAddresses(db, [address])).get(address);
  if (!found) throw unknownBox();
  return found;
}

/** An address of a domain of professionals kept here. Throws UsageError or RefusedError. */
export function nameOurs({ config }: CommandWorld, typed: string): Address {
  const address = nameAddress(typed);
  if (!config.hostedDomains.professionals.includes(domainOf(address))) {
    throw new RefusedError(
      'domain-not-hosted',
      'Cette adresse n’est pas d’un domaine professionnel tenu ici (hostedDomains.professionals)',
    );
  }
  return address;
}

/** What a command says that found no mailbox. */
export function unknownBox(): RefusedError {
  return new RefusedError('mailbox-unknown', 'Aucune boîte professionnelle n’est inscrite à cette adresse');
}

/** Throws UsageError for another word. */
export function parseType(typed: string): AddressesTable['type'] {
  const type = boxTypes.find((one) => one === typed.toUpperCase());
  if (!type) throw new UsageError(`--type attend ${boxTypes.join(', ')}.`);
  return type;
}

/** Throws UsageError for what has not the shape of one. */
export function nameRpps(typed: string): string {
  const rpps = parseRpps(typed);
  if (rpps === undefined) throw new UsageError('Un numéro RPPS a 11 chiffres.');
  return rpps;
}

/** Throws UsageError for what has not the shape of one. */
export function nameStructure(typed: string): string {
  const id = parseStructureId(typed);
  if (id === undefined) throw new UsageError('Une structure se nomme par son FINESS (9 caractères) ou son SIRET (14 chiffres).');
  return id;
}

/** A text of the registry. Throws UsageError for one that is empty, too long, or on several lines. */
export function parseWords(option: string, typed: string, most = 250): string {
  const words = typed.trim().normalize('NFC');
  if (words === '' || words.length > most || /\p{Cc}/u.test(words))
    throw new UsageError(`${option} attend une ligne de 1 à ${most} caractères.`);
  return words;
}

/** Throws UsageError for another word. */
export function parseYesNo(option: string, typed: string): boolean {
  if (typed === 'oui') return true;
  if (typed === 'non') return false;
  throw new UsageError(`${option} attend oui ou non.`);
}
