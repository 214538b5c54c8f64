// Step 3 of the one path: what becomes of each letter of a group, its recipients judged one by one. Pure. Requirements 16, 25 to 37, 50.
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import { judgeRecipient } from '../../policies/judge.ts';
import type { Verdict } from '../../policies/verdict.ts';
import type { Address } from '../core/address.ts';
import type { Outcome } from './arrival.ts';
import { guessLimits, testLimits } from './hourly-limits.ts';
import type { Known } from './parties.ts';
import type { PathPolicies } from './path-policies.ts';
import { contentFacts, type Judged, type TakenLetter } from './taken-letter.ts';

/** One letter's decision. `not-yet`: a letter before it in the group uses the same right, so it is judged after that one. */
export type Decision = { readonly letter: TakenLetter; readonly outcome: Outcome | 'not-yet'; readonly recipients: readonly Judged[] };

/**
 * Judges a letter for each of its recipients; `known` are their facts, in the order of the envelope, the content's still to be added, and
 * `made` the mailboxes that this commit had to make.
 */
export function judgeLetter(
  letter: TakenLetter,
  known: readonly Known[],
  made: ReadonlyMap<Address, FoundMailbox>,
  policies: PathPolicies,
): readonly Judged[] {
  return letter.recipients.flatMap((recipient, at): Judged[] => {
    const one = known[at];
    if (!one) return [];
    const facts = { ...one.facts, content: contentFacts(letter, recipient.address, one, policies) };
    const mailbox = letter.mailboxes.get(recipient.address) ?? made.get(recipient.address);
    return [{ letter, recipient, mailbox, known: { ...one, facts }, verdict: judgeRecipient(facts) }];
  });
}

/** Decides of a group in its order. */
export function decideLetters(judged: readonly (readonly [TakenLetter, readonly Judged[]])[], policies: PathPolicies): readonly Decision[] {
  const claimed = new Set<string>();
  return judged.map(([letter, recipients]) => {
    const outcome = outcomeOf(recipients.map(({ verdict }) => verdict));
    if (outcome.do !== 'accepted') return { letter, outcome, recipients };
    // The same work begun twice may even meet itself in one group.
    const settles = letter.arrival.settles === undefined ? [] : [`settles:${letter.arrival.settles}`];
    const claims = [...settles, ...recipients.flatMap((one) => claimsOf(one, policies))];
    if (claims.some((claim) => claimed.has(claim))) return { letter, outcome: 'not-yet', recipients };
    for (const claim of claims) claimed.add(claim);
    return { letter, outcome, recipients };
  });
}

/** True for a citizen's letter that no exchange allows: the mailbox agreed to be written to first. Requirement 32. */
export function isFirstLetter({ known, verdict }: Judged): boolean {
  return verdict.do === 'accept' && known.pair !== undefined && known.facts.standing.exchange !== 'open';
}

/** True for a letter that the test address answers. Requirement 40. */
export function isForTestAddress({ known, verdict }: Judged): boolean {
  return verdict.do === 'accept' && known.facts.recipient.kind === 'test-address';
}

/** True for a letter to a well-formed matricule that nobody has, or whose mailbox is shut: the report tells which. Requirement 37. */
export function isGuess({ verdict }: Judged): boolean {
  return verdict.do === 'report' && (verdict.code === 'citizen-unknown' || verdict.code === 'citizen-mailbox-closed');
}

/** One « later » makes the whole letter wait; refused for everybody, it is refused; otherwise each recipient has a course of its own. */
function outcomeOf(verdicts: readonly Verdict[]): Outcome {
  const deferred = verdicts.find((verdict) => verdict.do === 'defer');
  if (deferred) return deferred;
  const refused = verdicts.filter((verdict) => verdict.do === 'refuse');
  const [first] = refused;
  return first && refused.length === verdicts.length ? first : { do: 'accepted' };
}

/**
 * What a letter is counted against. The counts it was judged by are those before the group: of two letters with one claim in a group,
 * the second would be judged as if the first had not been. A single letter may pass an hourly limit by its own recipients, once.
 */
function claimsOf(one: Judged, policies: PathPolicies): string[] {
  const { arrival } = one.letter;
  if (isFirstLetter(one)) return [`first:${one.known.pair?.citizenId}:${one.recipient.address}`];
  if (isGuess(one)) return guessLimits(arrival, policies).map(({ subject }) => subject);
  return isForTestAddress(one) ? testLimits(arrival, policies).map(({ subject }) => subject) : [];
}
