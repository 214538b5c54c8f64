// Step 4 of the one path: one transaction for a group of letters. Facts are asked again here, so that a verdict
// and what it allows commit together. Nothing is acknowledged before this has returned.
import type { StoredBlob } from '../../mailboxes/blobs/stored-blob.ts';
import { lockMailboxes } from '../../mailboxes/lock-mailboxes.ts';
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import { type NewLetter, type Placement, placeLetters } from '../../mailboxes/place-letters.ts';
import { judgeRecipient } from '../../policies/judge.ts';
import { type ExchangeEffect, effectOnCitizen } from '../../policies/letter-effects.ts';
import { applyEffects } from '../../policies/register.ts';
import { type Deferred, defer, type Refused, type Verdict } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import type { MimeIndex } from '../mail/mime-index.ts';
import type { Arrival, Outcome } from './arrival.ts';
import { addOutgoingLetters, type OutgoingLetter } from './outgoing-letters.ts';
import { type Domains, type Known, knowParties } from './parties.ts';

/** A letter whose bytes are stored, waiting for its group. */
export type TakenLetter = {
  readonly arrival: Arrival;
  readonly recipients: readonly Address[];
  /** Where each recipient's letters go, as found at RCPT: ids are for ever, and a folder that is gone is noticed when it is written. */
  readonly mailboxes: ReadonlyMap<Address, FoundMailbox>;
  readonly blob: StoredBlob;
  readonly index: MimeIndex;
  /** Trace headers, beside the bytes. */
  readonly prefix: Buffer;
  /** X-MSS-MES as written. */
  readonly mssMes: string | undefined;
};

/** What one group changed: an outcome for each letter in order, the folders to wake, and whether the pipeline has new work. */
export type Committed = {
  readonly outcomes: readonly Outcome[];
  readonly placements: readonly Placement[];
  readonly sentOutside: boolean;
};

type Pairing = {
  readonly letter: TakenLetter;
  readonly recipient: Address;
  readonly known: Known;
  readonly mailbox: FoundMailbox | undefined;
};

/** Thrown to undo a transaction in which some letters cannot be placed whole; the others are committed without them. */
class LettersWithdrawn extends Error {
  override readonly name = 'LettersWithdrawn';
  readonly verdicts: ReadonlyMap<TakenLetter, Refused | Deferred>;
  constructor(verdicts: ReadonlyMap<TakenLetter, Refused | Deferred>) {
    super('Some letters of the group cannot be placed');
    this.verdicts = verdicts;
  }
}

/**
 * Commits a group. A letter is taken for all its recipients or for none: one that a recipient's state no longer allows
 * since RCPT is answered as a whole, so that nobody is dropped in silence. `inTransaction` opens, commits and retries deadlocks.
 */
export async function commitLetters(
  inTransaction: <Result>(work: (trx: Trx) => Promise<Result>) => Promise<Result>,
  domains: Domains,
  letters: readonly TakenLetter[],
  now: Date,
): Promise<Committed> {
  const refused = new Map<TakenLetter, Refused | Deferred>();
  for (;;) {
    const remaining = letters.filter((letter) => !refused.has(letter));
    try {
      const written =
        remaining.length > 0
          ? await inTransaction((trx) => writeLetters(trx, domains, remaining, now))
          : { placements: [], sentOutside: false };
      return { ...written, outcomes: letters.map((letter) => refused.get(letter) ?? { do: 'accepted' }) };
    } catch (error) {
      if (!(error instanceof LettersWithdrawn)) throw error;
      for (const [letter, verdict] of error.verdicts) refused.set(letter, verdict);
    }
  }
}

async function writeLetters(trx: Trx, domains: Domains, letters: readonly TakenLetter[], now: Date): Promise<Omit<Committed, 'outcomes'>> {
  const asked = letters.flatMap((letter) => letter.recipients.map((recipient) => ({ letter, arrival: letter.arrival, recipient })));
  const mailboxIds = asked.flatMap(({ letter, recipient }) => letter.mailboxes.get(recipient)?.mailboxId ?? []);
  // What is asked at once travels at once, and is carried out in this order: locks are held while facts are read.
  const [rooms, known] = await together([lockMailboxes(trx, mailboxIds), knowParties(trx, domains, asked)]);
  const pairings = asked.flatMap(({ letter, recipient }, at): Pairing[] => {
    const one = known[at];
    return one ? [{ letter, recipient, known: one, mailbox: letter.mailboxes.get(recipient) }] : [];
  });
  withdraw(pairings.map(({ letter, known: { facts } }) => [letter, judgeRecipient(facts)]));

  const outside = pairings.filter(({ known: { facts } }) => facts.recipient.kind === 'elsewhere');
  const here = pairings.filter(({ known: { facts } }) => facts.recipient.kind !== 'elsewhere');
  const [placed] = await together([
    placeLetters(trx, here.map(asNewLetter), rooms),
    applyEffects(trx, here.flatMap(effects)),
    addOutgoingLetters(trx, outgoing(outside), now),
  ]);
  withdraw(here.map(({ letter }, at) => [letter, placedVerdict(placed[at])]));
  return { placements: placed.filter((one) => typeof one === 'object'), sentOutside: outside.length > 0 };
}

function withdraw(verdicts: readonly (readonly [TakenLetter, Verdict])[]): void {
  const refused = verdicts.filter((pair): pair is readonly [TakenLetter, Refused | Deferred] => pair[1].do !== 'accept');
  // One « later » makes the whole letter wait: its sender keeps it, and the refusals are told the next time.
  refused.sort(([, a], [, b]) => Number(b.do === 'refuse') - Number(a.do === 'refuse'));
  if (refused.length > 0) throw new LettersWithdrawn(new Map(refused));
}

function placedVerdict(placed: Placement | 'over-quota' | 'no-folder' | undefined): Verdict {
  if (typeof placed === 'object') return { do: 'accept', because: 'placed' };
  return placed === 'over-quota' ? defer('mailbox-full', 'quota') : defer('try-later', 'mailbox-is-missing');
}

function asNewLetter({ letter, mailbox }: Pairing): NewLetter {
  return {
    // A holder whose mailbox is not made yet: no such row, so the placement says so and the sender hears « later ».
    mailboxId: mailbox?.mailboxId ?? 0,
    folderId: mailbox?.inboxId ?? 0,
    blob: letter.blob,
    prefix: letter.prefix,
    index: letter.index,
    flags: 0,
    keywords: [],
    internalDate: letter.arrival.receivedAt,
  };
}

/** One row of work per letter, whatever the number of its recipients outside. */
function outgoing(outside: readonly Pairing[]): OutgoingLetter[] {
  const recipients = new Map<TakenLetter, Address[]>();
  for (const { letter, recipient } of outside) recipients.set(letter, [...(recipients.get(letter) ?? []), recipient]);
  return [...recipients].map(([letter, to]) => ({
    blob: letter.blob,
    prefix: letter.prefix,
    sender: letter.arrival.sender,
    recipients: to,
  }));
}

function effects({ letter, known }: Pairing): ExchangeEffect[] {
  const citizen = known.receivingCitizen;
  const effect =
    citizen &&
    effectOnCitizen(
      { sender: { kind: known.facts.sender.kind, address: letter.arrival.sender }, mssMes: letter.mssMes },
      citizen.citizenId,
    );
  return effect ? [effect] : [];
}
