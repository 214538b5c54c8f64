// What letters that were accepted change in the register of exchanges, and what is counted of them. Requirements 26 to 30, 32, 37, 40.
import type { Holder } from '../../directory/resolve-addresses.ts';
import { type ExchangeEffect, effectsOnCitizen, type LetterFacts } from '../../policies/letter-effects.ts';
import { applyEffects, countFirstLetters, rememberLetters } from '../../policies/register.ts';
import { addTallies } from '../../policies/tallies.ts';
import type { Address } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import { isFirstLetter, isForTestAddress, isGuess } from './decide-letters.ts';
import { guessLimits, limitPeriodMs, testLimits } from './hourly-limits.ts';
import { isHosted, isProfessionalMailbox, type PartyRules } from './parties.ts';
import type { Judged, TakenLetter } from './taken-letter.ts';

/** Writes it all; `accepted` are the recipients of the letters taken. Returns the letters that came a second time to some citizen, and changed nothing there. */
export async function writeRegister(
  trx: Trx,
  rules: PartyRules,
  holders: ReadonlyMap<Address, Holder>,
  accepted: readonly Judged[],
  now: Date,
): Promise<ReadonlySet<TakenLetter>> {
  const [replayed] = await together([
    writeExchanges(trx, rules, holders, accepted, now),
    // Whether these are within the day's number was judged behind the lock of the correspondent's mailbox: nobody has counted since.
    countFirstLetters(
      trx,
      accepted.filter(isFirstLetter).flatMap(({ known }) => known.pair ?? []),
      now,
    ),
    addTallies(trx, talliesOf(rules, accepted), limitPeriodMs, now),
  ]);
  return replayed;
}

async function writeExchanges(
  trx: Trx,
  rules: PartyRules,
  holders: ReadonlyMap<Address, Holder>,
  accepted: readonly Judged[],
  now: Date,
): Promise<ReadonlySet<TakenLetter>> {
  const changing = accepted.flatMap((one) => {
    const citizenId = one.known.receivingCitizen?.citizenId;
    if (one.verdict.do !== 'accept' || citizenId === undefined) return [];
    const effects = effectsOnCitizen(letterFacts(rules, holders, one), citizenId);
    return effects.length > 0 ? [{ letter: one.letter, citizenId, effects }] : [];
  });
  const isNew = await rememberLetters(
    trx,
    changing.map(({ citizenId, letter }) => ({ citizenId, fingerprint: letter.fingerprint })),
    now,
  );
  const effects = changing.flatMap((one, at): readonly ExchangeEffect[] => (isNew[at] ? one.effects : []));
  if (effects.length > 0) await applyEffects(trx, effects, now);
  return new Set(changing.flatMap(({ letter }, at) => (isNew[at] ? [] : [letter])));
}

function letterFacts(rules: PartyRules, holders: ReadonlyMap<Address, Holder>, { letter, known }: Judged): LetterFacts {
  const { arrival, heading } = letter;
  // A letter that a person released from quarantine is still its sender's: the exchange opens now, for it was held before.
  const released = arrival.door === 'pipeline' && arrival.sender;
  const origin = released && (isHosted(rules.domains, released) ? 'professional' : 'other-operator');
  return {
    sender: { kind: origin || known.facts.sender.kind, address: arrival.sender },
    isAutomatic: heading.automation === 'answer',
    mssMes: heading.mssMes,
    subject: heading.subject,
    replyTo: heading.replyTo.filter((address) => isProfessionalMailbox(rules, holders, address)),
  };
}

function talliesOf({ policies }: PartyRules, accepted: readonly Judged[]): { subject: string; by: number }[] {
  const guessed = accepted.filter(isGuess).flatMap(({ letter }) => guessLimits(letter.arrival, policies));
  const tested = accepted.filter(isForTestAddress).flatMap(({ letter }) => testLimits(letter.arrival, policies));
  return [...guessed, ...tested].map(({ subject }) => ({ subject, by: 1 }));
}
