// Step 4 of the one path: one transaction for a group of letters. Facts are asked again here, so that a verdict
// and what it allows commit together. Nothing is acknowledged before this has returned.
import { lockMailboxes } from '../../mailboxes/lock-mailboxes.ts';
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import { type Placement, placeLetters } from '../../mailboxes/place-letters.ts';
import { type Deferred, defer } from '../../policies/verdict.ts';
import { giveMailboxes } from '../accounts/give-mailboxes.ts';
import type { Address } from '../core/address.ts';
import type { Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import { answerSenders } from './answer-senders.ts';
import type { Outcome } from './arrival.ts';
import { recordReports } from './correlate-reports.ts';
import { type Decision, decideLetters, judgeLetter } from './decide-letters.ts';
import { finalLines, writeLedger } from './ledger.ts';
import { noticePlacements } from './notice-events.ts';
import { settleRows, waitingRows } from './outbox.ts';
import { addOutgoingLetters } from './outgoing-letters.ts';
import { type Asked, knowParties, type PartyRules } from './parties.ts';
import { holdLetters } from './quarantine.ts';
import { oweRecordCopies } from './record-copies.ts';
import type { Judged, TakenLetter } from './taken-letter.ts';
import {
  asHeldLetter,
  asNewLetter,
  type Course,
  courseOf,
  ledgerLine,
  oncePerMailbox,
  outgoing,
  reportReceived,
  worksOf,
} from './write-courses.ts';
import { writeRegister } from './write-register.ts';

/** What the group did with one letter. `not-yet`: nothing; it is to be given to the next group. */
export type LetterResult = {
  readonly outcome: Outcome | 'not-yet';
  /** The recipients of a letter that was taken, each with its verdict; empty for the others. */
  readonly recipients: readonly Judged[];
  /** Whether its bytes are referred to by anything that was committed. */
  readonly isKept: boolean;
  /** It came a second time, and changed nothing in the register. */
  readonly isReplay: boolean;
};

/** What one group changed: a result for each letter in order, the folders to wake, and whether the pipeline has new work. */
export type Committed = {
  readonly results: readonly LetterResult[];
  readonly placements: readonly Placement[];
  readonly isWorkOwed: boolean;
};

/** What committing needs; `inTransaction` opens, commits and retries deadlocks. */
export type CommitServices = PartyRules & {
  readonly inTransaction: <Result>(work: (trx: Trx) => Promise<Result>) => Promise<Result>;
  /** Of each mailbox that is made with its first letter, in bytes. */
  readonly quotaBytes: number;
};

/** Thrown to undo a transaction in which some letters cannot be placed whole; the others are committed without them. */
class LettersWithdrawn extends Error {
  override readonly name = 'LettersWithdrawn';
  readonly verdicts: ReadonlyMap<TakenLetter, Deferred>;
  constructor(verdicts: ReadonlyMap<TakenLetter, Deferred>) {
    super('Some letters of the group cannot be placed');
    this.verdicts = verdicts;
  }
}

/** Commits a group: once, whatever happens, so that a caller who tries again after an error places nothing twice. */
export async function commitLetters(services: CommitServices, letters: readonly TakenLetter[], now: Date): Promise<Committed> {
  const withdrawn = new Map<TakenLetter, Deferred>();
  for (;;) {
    const remaining = letters.filter((letter) => !withdrawn.has(letter));
    try {
      const written = remaining.length > 0 ? await services.inTransaction((trx) => writeLetters(trx, services, remaining, now)) : nothing;
      return { ...written, results: letters.map((letter) => written.results.get(letter) ?? notTaken(withdrawn.get(letter))) };
    } catch (error) {
      if (!(error instanceof LettersWithdrawn)) throw error;
      for (const [letter, verdict] of error.verdicts) withdrawn.set(letter, verdict);
    }
  }
}

type Written = Omit<Committed, 'results'> & { readonly results: ReadonlyMap<TakenLetter, LetterResult> };

const nothing: Written = { results: new Map(), placements: [], isWorkOwed: false };

async function writeLetters(trx: Trx, rules: CommitServices, letters: readonly TakenLetter[], now: Date): Promise<Written> {
  const { decisions, rooms, holders, wasFinal } = await decideBehindLocks(trx, rules, letters, now);
  const taken = decisions.filter(isTaken);
  const recipients = taken.flatMap((decision) => decision.recipients);
  const mailboxes = oncePerMailbox(recipients);
  // Of two addresses of one mailbox both have been given the letter, but one alone is waiting: what is decided is told of that one.
  const waiting = new Set(mailboxes);
  const told = recipients.filter((one) => courseOf(one) !== 'held' || waiting.has(one));
  const going = (course: Course) => mailboxes.filter((one) => courseOf(one) === course);
  const [placed, outside, held] = [going('placed'), going('sent-outside'), going('held')];
  const heldUntil = new Date(now.getTime() + rules.policies.quarantineMs);
  const works = worksOf(outside, held, now);
  const lines = told.flatMap((one) => ledgerLine(one, rules.policies, works, now));
  // A released letter whose sender was told that it failed, and which an operator has had tried again: nothing more is told of it.
  const answered = told.filter(({ letter, recipient }) => !wasFinal(letter.arrival.id, recipient.address));
  const reports = placed.flatMap((one) => reportReceived(rules.domains, one));
  // What waits for nothing leaves at once, whatever comes behind it in its own chain.
  const [placements, replays, isAnswerOwed, noticesOwed, copiesOwed] = await together([
    placeLetters(trx, placed.map(asNewLetter), rooms),
    writeRegister(trx, rules, holders, mailboxes, now),
    answerSenders(trx, rules.policies, answered, now),
    noticePlacements(trx, rules.policies, placed, now),
    oweRecordCopies(trx, rules, taken, now),
    addOutgoingLetters(trx, outgoing(outside, works), now),
    holdLetters(
      trx,
      held.flatMap((one) => asHeldLetter(one, works)),
      heldUntil,
      now,
    ),
    writeLedger(trx, lines),
    recordReports(trx, reports, now),
    settleRows(trx, taken.flatMap(rowSettled), now),
  ]);
  withdraw(placed, placements);
  const kept = new Set([...placed, ...outside, ...held].map(({ letter }) => letter));
  return {
    results: new Map(decisions.map((decision) => [decision.letter, resultOf(decision, kept, replays)])),
    placements: placements.filter((one) => typeof one === 'object'),
    isWorkOwed: isAnswerOwed || noticesOwed > 0 || copiesOwed > 0 || outside.length > 0,
  };
}

/**
 * Decides of the group, and makes the mailboxes of those who are given a letter and have none yet. What was decided without them was not
 * behind their locks, nor behind those of another group that was making the same ones: it is decided once more, which few letters need.
 */
async function decideBehindLocks(trx: Trx, rules: CommitServices, letters: readonly TakenLetter[], now: Date) {
  const decided = await decideAgain(trx, rules, letters, new Map(), now);
  const given = decided.decisions
    .filter(isTaken)
    .flatMap(({ recipients }) => recipients.filter((one) => /^(placed|held)$/.test(courseOf(one))));
  const without = given.flatMap(({ mailbox, recipient }) => (mailbox ? [] : (decided.holders.get(recipient.address) ?? [])));
  if (without.length === 0) return decided;
  const made = await giveMailboxes(trx, { citizensDomain: rules.domains.citizens, quotaBytes: rules.quotaBytes }, without);
  return decideAgain(trx, rules, letters, made, now);
}

/** Locks what the group will change, asks the facts behind the locks, and decides. */
async function decideAgain(
  trx: Trx,
  rules: PartyRules,
  letters: readonly TakenLetter[],
  made: ReadonlyMap<Address, FoundMailbox>,
  now: Date,
) {
  const asked = letters.map((letter) => letter.recipients.map(({ address }) => askedAgain(letter, address)));
  const mailboxIds = letters.flatMap((letter) =>
    letter.recipients.flatMap(({ address }) => (letter.mailboxes.get(address) ?? made.get(address))?.mailboxId ?? []),
  );
  const replyTo = letters.flatMap(({ heading }) => heading.replyTo);
  // What is asked at once travels at once, and is carried out in this order: locks are held while facts are read.
  const [rooms, waiting, { known, holders }, wasFinal] = await together([
    lockMailboxes(trx, mailboxIds),
    waitingRows(
      trx,
      letters.flatMap((letter) => rowSettled({ letter })),
    ),
    knowParties(trx, rules, asked.flat(), now, { named: replyTo }),
    finalLines(
      trx,
      letters.filter(({ arrival }) => arrival.trace).map(({ arrival }) => arrival.id),
    ),
  ]);
  let next = 0;
  const judged = letters.map((letter, at) => {
    const from = next;
    next += asked[at]?.length ?? 0;
    // The pipeline began this work twice: what it owes was delivered already, and nothing more is placed.
    const isSettled = rowSettled({ letter }).some((row) => !waiting.has(row));
    return [letter, isSettled ? [] : judgeLetter(letter, known.slice(from, next), made, rules.policies)] as const;
  });
  return { decisions: decideLetters(judged, rules.policies), rooms, holders, wasFinal };
}

function rowSettled({ letter }: { readonly letter: TakenLetter }): string[] {
  const { settles } = letter.arrival;
  return settles === undefined ? [] : [settles];
}

function askedAgain(letter: TakenLetter, recipient: Asked['recipient']): Asked {
  return { arrival: letter.arrival, recipient, isFound: letter.mailboxes.has(recipient) };
}

function isTaken({ outcome }: Decision): boolean {
  return typeof outcome === 'object' && outcome.do === 'accepted';
}

function resultOf(decision: Decision, kept: ReadonlySet<TakenLetter>, replays: ReadonlySet<TakenLetter>): LetterResult {
  const { letter, outcome, recipients } = decision;
  if (!isTaken(decision)) return { outcome, recipients: [], isKept: false, isReplay: false };
  return { outcome, recipients, isKept: kept.has(letter), isReplay: replays.has(letter) };
}

function notTaken(outcome: Deferred | undefined): LetterResult {
  if (!outcome) throw new Error('A letter of the group was not answered');
  return { outcome, recipients: [], isKept: false, isReplay: false };
}

/** A letter that one of its recipients has no room for waits as a whole: its sender keeps it, and nobody is given it twice. */
function withdraw(placed: readonly Judged[], placements: readonly (Placement | 'over-quota' | 'no-folder')[]): void {
  const verdicts = placed.flatMap(({ letter }, at): [TakenLetter, Deferred][] => {
    const placement = placements[at];
    if (typeof placement === 'object') return [];
    return [[letter, placement === 'over-quota' ? defer('mailbox-full', 'quota') : defer('try-later', 'mailbox-is-missing')]];
  });
  if (verdicts.length > 0) throw new LettersWithdrawn(new Map(verdicts));
}
