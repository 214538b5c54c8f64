// Where each recipient's letter goes: a folder here, the next hop, the quarantine; and the line that the ledger keeps of it.
// Requirements 43, 45, 46, 50.
import type { NewLetter } from '../../mailboxes/place-letters.ts';
import { type VerdictCode, wordsOf } from '../../policies/verdict.ts';
import { newId } from '../core/ids.ts';
import type { EnvelopeRecipient } from './arrival.ts';
import type { ReportReceived } from './correlate-reports.ts';
import type { LedgerLine } from './ledger.ts';
import { onlyAuthor } from './letter-heading.ts';
import type { OutgoingLetter } from './outgoing-letters.ts';
import { type Domains, isHosted } from './parties.ts';
import type { PathPolicies } from './path-policies.ts';
import type { LetterToHold } from './quarantine.ts';
import { aboutLetter, type Judged, keptBlob, type TakenLetter } from './taken-letter.ts';

/** What becomes of one recipient of a letter that was taken. */
export type Course = 'placed' | 'sent-outside' | 'answered' | 'held' | 'failed';

/** The course of a recipient. `answered` is the test address, which keeps nothing. */
export function courseOf({ verdict, known }: Judged): Course {
  if (verdict.do === 'hold') return 'held';
  if (verdict.do !== 'accept') return 'failed';
  const { kind } = known.facts.recipient;
  if (kind === 'elsewhere' || kind === 'citizen-elsewhere') return 'sent-outside';
  return kind === 'test-address' ? 'answered' : 'placed';
}

/**
 * Without the further addresses of one mailbox among the recipients of a letter, as a citizen whose matricule has changed has two: it
 * is given, or held, once.
 */
export function oncePerMailbox(judged: readonly Judged[]): Judged[] {
  const given = new Map<TakenLetter, Set<string>>();
  return judged.filter((one) => {
    if (!one.mailbox) return true;
    const of = given.get(one.letter) ?? new Set<string>();
    given.set(one.letter, of);
    const course = `${courseOf(one)} ${one.mailbox.mailboxId}`;
    return !of.has(course) && of.add(course);
  });
}

/** The code of a recipient who was not given the letter. */
export function codeOf({ verdict }: Judged): VerdictCode | undefined {
  return verdict.do === 'accept' ? undefined : verdict.code;
}

/** A letter for a folder here. Receipts: see receiptOf. */
export function asNewLetter(one: Judged): NewLetter {
  const { letter, mailbox } = one;
  return {
    // A holder whose mailbox is not made after all: no such row, so the placement says so and the sender hears « later ».
    mailboxId: mailbox?.mailboxId ?? 0,
    folderId: mailbox?.inboxId ?? 0,
    blob: keptBlob(letter),
    prefix: letter.prefix,
    index: letter.index,
    flags: 0,
    internalDate: letter.arrival.receivedAt,
    sender: letter.arrival.sender,
    ...receiptOf(one),
  };
}

/**
 * Whether this mailbox sends a receipt when the letter is first read, and whether a client is told that it need not. None goes to
 * anybody but the return path, and none about an automatic letter. RFC 8098 §2.1, requirements 43 and 45.
 */
function receiptOf({ letter, mailbox }: Judged): Pick<NewLetter, 'keywords' | 'receiptTo'> {
  const { heading, arrival } = letter;
  if (!mailbox || !heading.asksForReceipt || mailbox.receipts === 'ask') return { keywords: [] };
  const isOwed = mailbox.receipts === 'always' && heading.automation !== 'answer' && heading.receiptTo === arrival.sender;
  return { keywords: ['$MDNSent'], ...(isOwed && heading.receiptTo && { receiptTo: heading.receiptTo }) };
}

/** The outbox rows that will bring recipients further: one for each letter that leaves, one for the release of each that is held. */
export type Works = ReadonlyMap<Judged, string>;

/** Names those rows beforehand, so that the ledger can say which one each of its lines waits for. */
export function worksOf(outside: readonly Judged[], held: readonly Judged[], now: Date): Works {
  const leaving = new Map<TakenLetter, string>();
  for (const { letter } of outside) leaving.set(letter, leaving.get(letter) ?? newId(now.getTime()));
  const named = outside.map((one): [Judged, string] => [one, leaving.get(one.letter) ?? newId(now.getTime())]);
  return new Map([...named, ...held.map((one): [Judged, string] => [one, newId(now.getTime())])]);
}

/** One row of work per letter, whatever the number of its recipients outside. */
export function outgoing(outside: readonly Judged[], works: Works): OutgoingLetter[] {
  const byLetter = new Map<TakenLetter, { readonly rowId: string | undefined; readonly recipients: EnvelopeRecipient[] }>();
  for (const one of outside) {
    const { recipients } = byLetter.get(one.letter) ?? { recipients: [] };
    byLetter.set(one.letter, { rowId: works.get(one), recipients: [...recipients, one.recipient] });
  }
  return [...byLetter].map(([letter, { rowId, recipients }]) => ({
    ...(rowId !== undefined && { rowId }),
    about: aboutLetter(letter),
    blob: keptBlob(letter),
    prefix: letter.prefix,
    recipients,
    ...(letter.arrival.returned && { returned: letter.arrival.returned }),
  }));
}

/** A letter for the quarantine. What has no sender is never held, and no automatic answer: nobody could be told. */
export function asHeldLetter(one: Judged, works: Works): LetterToHold[] {
  const { letter, recipient, verdict } = one;
  const { sender } = letter.arrival;
  if (verdict.do !== 'hold' || sender === null) return [];
  const heldId = works.get(one);
  const kept = { recipient, blob: keptBlob(letter), prefix: letter.prefix, code: verdict.code };
  return [{ ...(heldId !== undefined && { heldId }), about: { ...aboutLetter(letter), sender }, ...kept }];
}

const ledgerStates = { placed: 'delivered', answered: 'delivered', 'sent-outside': 'queued', held: 'held', failed: 'refused' } as const;

/** What the ledger keeps; nothing of letters without a sender, whom nobody will ask about. */
export function ledgerLine(one: Judged, { quarantineMs, courseDeadlineMs }: PathPolicies, works: Works, now: Date): LedgerLine[] {
  const { arrival, index } = one.letter;
  if (arrival.sender === null) return [];
  const code = codeOf(one);
  const { address, notify, originalRecipient } = one.recipient;
  const workId = works.get(one);
  const course = courseOf(one);
  // A held letter may be released until its last day, and has the same time as any other from then on.
  const until = new Date(now.getTime() + courseDeadlineMs + (course === 'held' ? quarantineMs : 0));
  return [
    {
      letterId: arrival.id,
      recipient: address,
      sender: arrival.sender,
      messageId: index.messageId,
      state: ledgerStates[course],
      ...(code && { status: wordsOf(code).status }),
      notify,
      ...(originalRecipient !== undefined && { originalRecipient }),
      ...(arrival.envelopeId !== undefined && { envelopeId: arrival.envelopeId }),
      ...(workId !== undefined && { awaited: { until, workId } }),
      at: now,
    },
  ];
}

/** A report or receipt that reached somebody here, for the ledger of what they sent. */
export function reportReceived(domains: Domains, { letter, recipient }: Judged): ReportReceived[] {
  const { reported, headers, arrival } = letter;
  // A delivery report comes from a server, which has no reverse path; what a person writes in its likeness counts for nothing.
  const isServers = arrival.sender === null && arrival.door !== 'submission';
  if (!reported || (reported.kind === 'delivery-status' && !isServers)) return [];
  const author = onlyAuthor(headers);
  // Nobody outside speaks for the mailboxes kept here, in a report no more than in an envelope.
  const isForged = arrival.door === 'mx' && author !== undefined && isHosted(domains, author);
  return [{ reader: recipient.address, from: isForged ? undefined : author, report: reported }];
}
