// What a letter changes in the register of exchanges, once it is taken. Requirements 26, 27 and 29.
import type { Address } from '../src/core/address.ts';

/** What the rules read of a letter: who signs its envelope, and one header. */
export type LetterFacts = {
  readonly sender: { readonly kind: 'citizen' | 'professional' | 'other-operator' | 'nobody'; readonly address: Address | null };
  /** The value of X-MSS-MES as it was written, undefined when absent. */
  readonly mssMes: string | undefined;
};

/** One row of the register to write: `open` lets the citizen answer, `ended` no longer. */
export type ExchangeEffect = {
  readonly citizenId: number;
  readonly correspondent: Address;
  readonly state: 'open' | 'ended';
};

/** The change a letter makes between its sender and one citizen who received it; undefined when it makes none. */
export function effectOnCitizen(letter: LetterFacts, citizenId: number): ExchangeEffect | undefined {
  const { kind, address } = letter.sender;
  if (address === null || (kind !== 'professional' && kind !== 'other-operator')) return undefined;
  return { citizenId, correspondent: address, state: endsExchange(letter.mssMes) ? 'ended' : 'open' };
}

/** X-MSS-MES: FIN. Exact case: a lower-case value does nothing. ECO.2.2.8. */
export function endsExchange(mssMes: string | undefined): boolean {
  return mssMes === 'FIN';
}
