// From what an admin types to a citizen's matricule and traits. Nothing that was typed is repeated in a refusal.
import { citizenAddress, insOf } from '../../directory/citizen-addresses.ts';
import { type Address, parseAddress } from '../core/address.ts';
import { type Ins, type InsArc, parseIns, parseInsArc } from '../core/ins.ts';
import { UsageError } from './failures.ts';
import { parseWords } from './name-registered.ts';
import type { CommandWorld } from './with-database.ts';

/** A citizen by matricule or address, registered or not. Throws UsageError. */
export function nameMatricule({ config }: CommandWorld, typed: string): { readonly ins: Ins; readonly address: Address } {
  const domain = config.hostedDomains.citizens;
  const address = parseAddress(typed);
  const ins = address ? insOf(address, domain) : parseIns(typed);
  if (!ins) throw new UsageError('Un citoyen se nomme par son matricule INS (15 caractères, clé juste) ou par son adresse.');
  return { ins, address: citizenAddress(ins, domain) };
}

/** A name of the civil registry, in its capitals. Throws UsageError. */
export function parseName(option: string, typed: string): string {
  const name = parseWords(option, typed, 100).toLocaleUpperCase('fr');
  if (!/^\p{L}[\p{L}\p{M} '’.-]*$/u.test(name)) throw new UsageError(`${option} attend un nom : des lettres, des tirets, des apostrophes.`);
  return name;
}

/** ISO 8601, from `1979-03-28` or `28/03/1979`. Throws UsageError for what is no day of the calendar, or is to come. */
export function parseBirthDate(option: string, typed: string, now: Date): string {
  const match = /^(?:(\d{4})-(\d{2})-(\d{2})|(\d{2})\/(\d{2})\/(\d{4}))$/.exec(typed.trim());
  const [, y = '', m = '', d = '', frenchD = '', frenchM = '', frenchY = ''] = match ?? [];
  const iso = `${y || frenchY}-${m || frenchM}-${d || frenchD}`;
  const day = new Date(`${iso}T00:00:00Z`);
  const isReal = match !== null && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(iso) && day <= now;
  if (!isReal) throw new UsageError(`${option} attend un jour, par exemple 1979-03-28 ou 28/03/1979.`);
  return iso;
}

/** INSEE code of a commune or a country. Throws UsageError. */
export function parseBirthPlace(option: string, typed: string): string {
  const code = typed.trim().toUpperCase();
  if (!/^(?:\d{2}|2[AB])\d{3}$/.test(code)) throw new UsageError(`${option} attend un code INSEE de 5 caractères.`);
  return code;
}

/** Throws UsageError for another word. */
export function parseSex(option: string, typed: string): 'F' | 'M' {
  const sex = typed.trim().toUpperCase();
  if (sex !== 'F' && sex !== 'M') throw new UsageError(`${option} attend F ou M.`);
  return sex;
}

/** The authority of a matricule. Throws UsageError for another OID. */
export function parseOid(option: string, typed: string): InsArc {
  const arc = parseInsArc(typed.trim());
  if (arc === undefined) throw new UsageError(`${option} attend 8 (NIR), 9 (NIA), 10 (test) ou 11 (démonstration), ou l’OID en entier.`);
  return arc;
}
