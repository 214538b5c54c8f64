// The one path: every letter, whichever door it came in by, is judged, stored and committed here, and only then acknowledged.
// Requirements 14 to 17, 25 to 37, 40 to 43, 45, 46, 50.
import type { CitizenHolder } from '../../directory/resolve-addresses.ts';
import type { Resolver } from '../../directory/resolver/resolver.ts';
import type { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { type FoundMailbox, findMailboxes } from '../../mailboxes/mailbox.ts';
import type { Wakeups } from '../../mailboxes/wakeups.ts';
import { accept, refuse, type Verdict } from '../../policies/verdict.ts';
import { type Address, domainOf } from '../core/address.ts';
import { atMost } from '../core/at-most.ts';
import { type Batcher, batched } from '../core/batcher.ts';
import type { Clock } from '../core/clock.ts';
import type { Db, Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import type { SubmissionCompletion } from '../mail/complete-submission.ts';
import { archiveParts } from '../mail/documents/archive-parts.ts';
import { tracePrefix } from '../mail/trace-prefix.ts';
import type { Events } from '../observe/events.ts';
import type { Arrival, DeliveryPath, EnvelopeRecipient, Outcome } from './arrival.ts';
import { type Committed, commitLetters, type LetterResult } from './commit-letters.ts';
import { type Explanation, explain, explainRecipient, type FoundRecipient } from './explain.ts';
import { GroupCommit } from './group-commit.ts';
import { letterBytes } from './letter-bytes.ts';
import { readLetterDocuments } from './letter-documents.ts';
import { type LetterHeading, readHeading } from './letter-heading.ts';
import { readReport } from './letter-reports.ts';
import { type Asked, type Domains, type FindHolders, isHosted, knowParties } from './parties.ts';
import type { PathPolicies } from './path-policies.ts';
import { type ReadLetter, readLetter } from './read-letter.ts';
import { returnsOwnLetter } from './returned-letter.ts';
import type { TakenLetter } from './taken-letter.ts';
import { tellOutcome, tellResult } from './tell-events.ts';

/** What the one path is built from. */
export type OnePathParts = {
  readonly db: Db;
  readonly inTransaction: <Result>(work: (trx: Trx) => Promise<Result>) => Promise<Result>;
  readonly blobs: BlobStore;
  readonly wakeups: Wakeups;
  readonly events: Events;
  readonly domains: Domains;
  readonly policies: PathPolicies;
  /** What the doors are answered from before the commit, which asks the registry itself. */
  readonly resolver: Pick<Resolver, 'resolve' | 'shutAmong' | 'resolveThrough' | 'isNobodys'>;
  /** Of each mailbox that is made with its first letter, in bytes. */
  readonly quotaBytes: number;
  /** Named in the Received field and in Message-IDs made here. */
  readonly hostname: string;
  readonly clock: Clock;
  /** Decoded size of all attachments of one letter, in bytes. Requirement 16. */
  readonly maxAttachmentBytes: number;
  readonly groupCommit: { readonly maxLetters: number; readonly maxGroups: number };
  /** Called after a commit that left work for the pipeline; must return at once. */
  readonly workIsWaiting: () => void;
};

/**
 * What RCPT has found and the content need not ask again: a mailbox, or undefined for a holder who has none yet. What may change
 * meanwhile, the right to write, is asked anew in the commit.
 */
type Learnt = { readonly sendingCitizen: CitizenHolder | undefined; readonly mailboxes: Map<Address, FoundMailbox | undefined> };

/** Archives of documents read at the same time: each may take megabytes and milliseconds of the whole process. */
const documentReaders = 4;

/** The gateway's only way to take a letter. */
export class OnePath implements DeliveryPath {
  readonly #parts: OnePathParts;
  readonly #group: GroupCommit<TakenLetter, LetterResult>;
  readonly #ask: Batcher<Asked, FoundRecipient>;
  readonly #readingDocuments = atMost(documentReaders);
  readonly #learnt = new WeakMap<Arrival, Learnt>();

  constructor(parts: OnePathParts) {
    this.#parts = parts;
    this.#group = new GroupCommit({
      maxItems: parts.groupCommit.maxLetters,
      maxGroups: parts.groupCommit.maxGroups,
      commit: async (letters) => this.#announce(await commitLetters(parts, letters, parts.clock())),
    });
    this.#ask = batched((asked: readonly Asked[]) =>
      // On one connection, so that what must be asked travels together; nothing waits for a second one.
      parts.db.connection().execute(async (db) => {
        const findHolders: FindHolders = (addresses) => parts.resolver.resolveThrough(db, addresses);
        const [{ known }, mailboxes] = await together([
          knowParties(db, parts, asked, parts.clock(), { findHolders }),
          this.#findMailboxes(db, asked),
        ]);
        return new Map(
          asked.flatMap((one, at) => {
            const found = known[at];
            return found ? [[one, { known: found, mailbox: mailboxes.get(one.recipient) }]] : [];
          }),
        );
      }),
    );
  }

  async judgeSender(arrival: Arrival): Promise<Verdict> {
    const { account, door, sender } = arrival;
    if (door === 'mx') {
      // Nobody outside speaks for the mailboxes kept here.
      return sender && isHosted(this.#parts.domains, sender) ? refuse('sender-not-listed', 'hosted-domain-from-outside') : accept('peer');
    }
    if (!account) return door === 'pipeline' ? accept('gateway') : refuse('sender-not-yours', 'nobody-has-signed-in');
    const { resolver } = this.#parts;
    const holder = (await resolver.resolve([account.address])).get(account.address);
    const mayBeShut = door === 'submission' && holder?.rights.signIn === false;
    if (mayBeShut && (await resolver.shutAmong([account.address])).size > 0) return refuse('sender-closed', 'sender-is-shut');
    if (sender === account.address) return accept('own-address');
    // Receipts leave with a null reverse path (RFC 8098 §3); a citizen's are sent by the gateway, never by their client.
    return sender === null && holder?.kind === 'professional'
      ? accept('receipt')
      : refuse('sender-not-yours', 'reverse-path-is-not-the-account');
  }

  async judgeRecipient(arrival: Arrival, recipient: Address): Promise<Verdict> {
    const found = await this.#ask({ arrival, recipient });
    if (!found) throw new Error('Every recipient has facts');
    const { known, mailbox } = found;
    const learnt = this.#learnt.get(arrival) ?? { sendingCitizen: known.sendingCitizen, mailboxes: new Map() };
    this.#learnt.set(arrival, learnt);
    const { verdict } = explainRecipient(found);
    // Of a mailbox that is shut nothing is learnt: it is counted among the guesses again at the commit.
    if ('state' in known.facts.recipient && verdict.do !== 'report') learnt.mailboxes.set(recipient, mailbox);
    if (verdict.do === 'refuse' || verdict.do === 'defer')
      this.#parts.events.recipientRefused({ door: arrival.door, code: verdict.code, arrivalId: arrival.id });
    return verdict;
  }

  async deliver(arrival: Arrival, recipients: readonly EnvelopeRecipient[], content: AsyncIterable<Buffer>): Promise<Outcome> {
    const learnt = await this.#learn(arrival, recipients);
    const author = arrival.account && authorOf(learnt, arrival.account.address);
    const read = await readLetter(this.#parts, arrival, author, content);
    const measures = { sizeBytes: 'do' in read ? 0 : read.index.sizeBytes, recipientCount: recipients.length };
    const outcome = 'do' in read ? read : await this.#take(arrival, recipients, learnt, read);
    tellOutcome(this.#parts.events, arrival, outcome, { ...measures, now: this.#parts.clock() });
    return outcome;
  }

  /** Why this sender may or may not write to this recipient now: the same facts and judge as for a letter. */
  explain(sender: Address, recipient: Address): Promise<Explanation> {
    return explain(this.#parts.db, this.#parts, sender, recipient, this.#parts.clock());
  }

  /** From bytes that are stored to a group that has committed. Bytes that nothing refers to are taken away, once that is certain. */
  async #take(arrival: Arrival, recipients: readonly EnvelopeRecipient[], learnt: Learnt, read: ReadLetter): Promise<Outcome> {
    const { blobs, events } = this.#parts;
    const heading = readHeading(read.headers, arrival.sender);
    if (learnt.sendingCitizen && heading.reports === 'disposition-notification') {
      // A citizen's receipt is the gateway's to send: what their client wrote is taken and goes nowhere. Requirement 43.
      if (read.blob) await blobs.discard(read.blob);
      events.receiptDropped({ door: arrival.door, arrivalId: arrival.id });
      return { do: 'accepted' };
    }
    const inside = await this.#readInside(read, heading, recipients);
    // Only a report or receipt leaves without a sender: one that can be read, whatever the header says. Requirement 17.
    if (read.blob && arrival.door === 'submission' && arrival.sender === null && !inside.reported) {
      await blobs.discard(read.blob);
      return refuse('sender-not-yours', 'null-path-without-a-report');
    }
    const letter: TakenLetter = {
      ...read,
      arrival,
      recipients,
      heading,
      mailboxes: learnt.mailboxes,
      prefix: arrival.trace ?? this.#tracePrefix(arrival, recipients),
      ...inside,
    };
    let result = await this.#group.submit(letter);
    // Another letter of that group used up part of the same limit: this one is judged again, after it.
    while (result.outcome === 'not-yet') result = await this.#group.submit(letter);
    // Only a definite answer takes the bytes away. After a lost connection they may be referenced: collecting orphans decides.
    if (read.blob && !result.isKept) await blobs.discard(read.blob);
    tellResult(events, letter, result);
    return result.outcome;
  }

  /** What the judge and the ledger need of the parts of the letter: the bytes are opened again only for a letter that has such parts. */
  async #readInside(
    { blob, index }: ReadLetter,
    { reports }: LetterHeading,
    recipients: readonly EnvelopeRecipient[],
  ): Promise<Pick<TakenLetter, 'documents' | 'reported'>> {
    if (!blob) return { documents: undefined, reported: undefined };
    const { db, blobs } = this.#parts;
    const bytes = letterBytes(blobs, blob);
    const readers = recipients.map(({ address }) => address);
    const hasDocuments = archiveParts(index.part).length > 0 && !(reports && (await returnsOwnLetter(db, index.part, bytes, readers)));
    return {
      documents: hasDocuments ? await this.#readingDocuments(() => readLetterDocuments(db, index.part, bytes)) : undefined,
      reported: reports && (await readReport(index.part, reports, bytes)),
    };
  }

  /** What RCPT has learnt; the pipeline says no RCPT, and knows where it sends. */
  async #learn(arrival: Arrival, recipients: readonly EnvelopeRecipient[]): Promise<Learnt> {
    const learnt = this.#learnt.get(arrival);
    if (learnt) return learnt;
    const account = arrival.account?.address;
    const addresses = recipients.map(({ address }) => address);
    const [holders, mailboxes] = await Promise.all([
      this.#parts.resolver.resolve([...addresses, ...(account ? [account] : [])]),
      findMailboxes(this.#parts.db, addresses),
    ]);
    const holder = account && holders.get(account);
    const open = addresses.filter((one) => holders.get(one)?.rights.receive);
    return {
      sendingCitizen: holder?.kind === 'citizen' ? holder : undefined,
      mailboxes: new Map([...open.map((one): [Address, undefined] => [one, undefined]), ...mailboxes]),
    };
  }

  /**
   * The mailboxes of those who may have one: other operators' have none here, and of an address that is known to be nobody's the
   * database is asked once. Except among citizens: the time taken must not tell who is one.
   */
  #findMailboxes(db: Db, asked: readonly Asked[]): Promise<Map<Address, FoundMailbox>> {
    const { domains, resolver } = this.#parts;
    const recipients = [...new Set(asked.map(({ recipient }) => recipient))].filter(
      (one) => isHosted(domains, one) && (domainOf(one) === domains.citizens || !resolver.isNobodys(one)),
    );
    return recipients.length > 0 ? findMailboxes(db, recipients) : Promise.resolve(new Map());
  }

  #tracePrefix({ sender, peer, id, receivedAt }: Arrival, recipients: readonly EnvelopeRecipient[]): Buffer {
    const [only, ...others] = recipients;
    return tracePrefix({
      returnPath: sender,
      heloName: peer.heloName,
      ip: peer.ip,
      protocol: peer.protocol,
      ...(peer.tls && { tls: `${peer.tls.protocol} ${peer.tls.cipher}` }),
      byHost: this.#parts.hostname,
      id,
      // Several recipients may be hidden from each other: none is named.
      ...(only !== undefined && others.length === 0 && { forRecipient: only.address }),
      at: receivedAt,
    });
  }

  #announce({ results, placements, isWorkOwed }: Committed): readonly LetterResult[] {
    this.#parts.wakeups.publish(placements);
    if (isWorkOwed) this.#parts.workIsWaiting();
    return results;
  }
}

/** A citizen leaves under their civil name, whatever their software wrote; a professional's From is checked, not rewritten. Requirement 34. */
function authorOf({ sendingCitizen }: Learnt, address: Address): Pick<SubmissionCompletion, 'from'> {
  return sendingCitizen ? { from: { name: sendingCitizen.displayName, address } } : {};
}
