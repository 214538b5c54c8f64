// What a mailbox chose of letters written to it first, in words. Requirement 32.
import type { FirstContact } from '../../policies/first-contacts.ts';
import { UsageError } from './failures.ts';

/** What is typed for each audience. */
export const audiences = {
  everyone: 'tous les citoyens',
  listed: 'les citoyens de sa liste',
  nobody: 'personne',
} as const satisfies Record<FirstContact['audience'], string>;

/** Reads an audience. Throws UsageError. */
export function parseAudience(typed: string): FirstContact['audience'] {
  if (typed in audiences) return typed as FirstContact['audience'];
  throw new UsageError('Qui peut écrire d’abord : everyone, listed ou nobody.');
}

/** One or two lines. */
export function firstContactText({ audience, dailyLimit }: FirstContact): string {
  const whom = `Peuvent lui écrire les premiers : ${audiences[audience]}.`;
  return audience === 'nobody' ? whom : `${whom}\nCourriers par jour et par citoyen : ${dailyLimit}.`;
}
