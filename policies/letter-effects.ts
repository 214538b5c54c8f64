// What a letter changes in the register of exchanges, once it is taken. Requirements 26 to 30, 37.
// Pure: a letter seen before has no effect either, but that is for the register to say (rememberLetters in register.ts).
import type { Address } from '../src/core/address.ts';
import type { SenderFacts } from './facts.ts';

/** What the rules read of a letter: who signs its envelope, and three header fields. */
export type LetterFacts = {
  readonly sender: { readonly kind: SenderFacts['kind']; readonly address: Address | null };
  /** Reports, receipts, absences: written by nobody, they open and end nothing. */
  readonly isAutomatic: boolean;
  /** The value of X-MSS-MES as it was written, undefined when absent. */
  readonly mssMes: string | undefined;
  /** The subject as it was written, unfolded, neither trimmed nor decoded; undefined when absent. */
  readonly subject: string | undefined;
  /** The Reply-To addresses that are professional mailboxes of the trust space; the caller has looked them up. */
  readonly replyTo: readonly Address[];
};

/** One change to write. Who did it is kept: `[FIN]` ends all that one sender opened, and people may ask. */
export type ExchangeEffect =
  /** The citizen may write to the correspondent. `openedBy` is another address when the correspondent was named by a Reply-To. */
  | { readonly do: 'open'; readonly citizenId: number; readonly correspondent: Address; readonly openedBy: Address }
  /** The citizen may no longer write to the correspondent. */
  | { readonly do: 'end'; readonly citizenId: number; readonly correspondent: Address; readonly endedBy: Address }
  /** Ends every exchange of the citizen that this address opened, and its own. */
  | { readonly do: 'end-all'; readonly citizenId: number; readonly openedBy: Address };

/** What a letter changes for one citizen who received it, in the order to write it. Nothing for citizens, automatic letters and the gateway. */
export function effectsOnCitizen(letter: LetterFacts, citizenId: number): readonly ExchangeEffect[] {
  const { kind, address: sender } = letter.sender;
  if (sender === null || letter.isAutomatic || (kind !== 'professional' && kind !== 'other-operator')) return [];
  const named = [...new Set(letter.replyTo)];
  const endings: ExchangeEffect[] = [
    ...(endsExchange(letter.mssMes) ? [sender, ...named.filter((address) => address !== sender)] : []).map(
      (correspondent): ExchangeEffect => ({ do: 'end', citizenId, correspondent, endedBy: sender }),
    ),
    ...(endsEverything(letter.subject) ? [{ do: 'end-all', citizenId, openedBy: sender } as const] : []),
  ];
  if (endings.length > 0) return endings;
  return (named.length > 0 ? named : [sender]).map((correspondent) => ({ do: 'open', citizenId, correspondent, openedBy: sender }));
}

/** X-MSS-MES: FIN. Exact case: a lower-case value does nothing. ECO.2.2.8, requirement 27. */
export function endsExchange(mssMes: string | undefined): boolean {
  return mssMes === 'FIN';
}

/** The subject `[FIN]`, to the letter: ` [FIN]`, `[fin]` and `RE: [FIN]` do nothing. ECO.2.2.8, requirement 28. */
export function endsEverything(subject: string | undefined): boolean {
  return subject === '[FIN]';
}
