// The one path: every letter, whichever door it came in by, is judged, stored and committed here, and only then acknowledged.
// Requirements 14 to 17, 25 to 27, 34 to 36.
import { type CitizenHolder, type Holder, resolveAddresses } from '../../directory/resolve-addresses.ts';
import type { BlobStore, StoredBlob } from '../../mailboxes/blobs/blob-store.ts';
import { type FoundMailbox, findMailboxes } from '../../mailboxes/mailbox.ts';
import type { Wakeups } from '../../mailboxes/wakeups.ts';
import { judgeRecipient } from '../../policies/judge.ts';
import { accept, defer, type RefusalCode, type Refused, refusals, refuse, type Verdict } from '../../policies/verdict.ts';
import { type Address, parseAddress } from '../core/address.ts';
import { type Batcher, batched } from '../core/batcher.ts';
import type { Clock } from '../core/clock.ts';
import { RefusedError } from '../core/errors.ts';
import type { Db, Trx } from '../database/tables.ts';
import { together } from '../database/together.ts';
import { mailboxesOf } from '../mail/address-list.ts';
import { completeSubmission, type SubmissionCompletion } from '../mail/complete-submission.ts';
import type { Headers } from '../mail/headers.ts';
import { type MimeIndex, MimeIndexer } from '../mail/mime-index.ts';
import { observeHeaders } from '../mail/observe-headers.ts';
import { tracePrefix } from '../mail/trace-prefix.ts';
import type { Events } from '../observe/events.ts';
import type { Arrival, DeliveryPath, Outcome } from './arrival.ts';
import { type Committed, commitLetters, type TakenLetter } from './commit-letters.ts';
import { GroupCommit } from './group-commit.ts';
import { type Asked, type Domains, isHosted, type Known, knowParties } from './parties.ts';

/** What the one path is built from. */
export type OnePathParts = {
  readonly db: Db;
  readonly inTransaction: <Result>(work: (trx: Trx) => Promise<Result>) => Promise<Result>;
  readonly blobs: BlobStore;
  readonly wakeups: Wakeups;
  readonly events: Events;
  readonly domains: Domains;
  /** Named in the Received field and in Message-IDs made here. */
  readonly hostname: string;
  readonly clock: Clock;
  /** Decoded size of all attachments of one letter, in bytes. Requirement 16. */
  readonly maxAttachmentBytes: number;
  readonly groupCommit: { readonly maxLetters: number; readonly maxGroups: number };
  /** Called after a commit that left work for the pipeline; must return at once. */
  readonly workIsWaiting: () => void;
};

/** A letter that has been read to its end: its bytes, its index and its final headers. */
type Content = { readonly blob: StoredBlob; readonly index: MimeIndex; readonly headers: Headers };

/** What RCPT has found and the content need not ask again. What may change meanwhile, the right to write, is asked anew in the commit. */
type Learnt = { sendingCitizen: CitizenHolder | undefined; readonly mailboxes: Map<Address, FoundMailbox> };

/** What is asked at RCPT of one recipient. */
type Answer = { readonly known: Known; readonly mailbox: FoundMailbox | undefined };

/** The gateway's only way to take a letter. */
export class OnePath implements DeliveryPath {
  readonly #parts: OnePathParts;
  readonly #group: GroupCommit<TakenLetter, Outcome>;
  readonly #ask: Batcher<Asked, Answer>;
  readonly #findHolder: Batcher<Address, Holder>;
  readonly #learnt = new WeakMap<Arrival, Learnt>();

  constructor(parts: OnePathParts) {
    this.#parts = parts;
    this.#group = new GroupCommit({
      maxItems: parts.groupCommit.maxLetters,
      maxGroups: parts.groupCommit.maxGroups,
      commit: async (letters) => this.#announce(await commitLetters(parts.inTransaction, parts.domains, letters, parts.clock())),
    });
    this.#ask = batched((asked: readonly Asked[]) =>
      // On one connection, so that both questions travel together.
      parts.db.connection().execute(async (db) => {
        const recipients = [...new Set(asked.map(({ recipient }) => recipient))];
        const [known, mailboxes] = await together([knowParties(db, parts.domains, asked), findMailboxes(db, recipients)]);
        return new Map(known.map((one, at) => answerOf(asked[at] as Asked, one, mailboxes)));
      }),
    );
    this.#findHolder = batched((addresses: readonly Address[]) => resolveAddresses(parts.db, addresses));
  }

  async judgeSender(arrival: Arrival): Promise<Verdict> {
    const { account, door, sender } = arrival;
    if (door === 'mx') {
      // Nobody outside speaks for the mailboxes kept here.
      return sender && isHosted(this.#parts.domains, sender) ? refuse('sender-not-listed', 'hosted-domain-from-outside') : accept('peer');
    }
    if (!account) return accept('gateway');
    if (sender === account.address) return accept('own-address');
    // Receipts leave with a null reverse path (RFC 8098 §3); a citizen's are sent by the gateway, never by their client.
    const holder = await this.#findHolder(account.address);
    return sender === null && holder?.kind === 'professional'
      ? accept('receipt')
      : refuse('sender-not-yours', 'reverse-path-is-not-the-account');
  }

  async judgeRecipient(arrival: Arrival, recipient: Address): Promise<Verdict> {
    const answer = await this.#ask({ arrival, recipient });
    if (!answer) throw new Error('Every recipient has facts');
    const { known, mailbox } = answer;
    const learnt = this.#learnt.get(arrival) ?? { sendingCitizen: known.sendingCitizen, mailboxes: new Map() };
    this.#learnt.set(arrival, learnt);
    if (mailbox) learnt.mailboxes.set(recipient, mailbox);
    const verdict = judgeRecipient(known.facts);
    if (verdict.do !== 'accept') this.#parts.events.recipientRefused({ door: arrival.door, code: verdict.code, arrivalId: arrival.id });
    else if (mailbox && mailbox.usedBytes >= mailbox.quotaBytes) return defer('mailbox-full', 'quota');
    return verdict;
  }

  async deliver(arrival: Arrival, recipients: readonly Address[], content: AsyncIterable<Buffer>): Promise<Outcome> {
    const taken = await this.#take(arrival, content);
    if ('do' in taken) {
      this.#tell(arrival, taken, { sizeBytes: 0, recipientCount: recipients.length });
      return taken;
    }
    const { blob, index, headers } = taken;
    const prefix = this.#tracePrefix(arrival, recipients);
    const mailboxes = this.#learnt.get(arrival)?.mailboxes ?? (await findMailboxes(this.#parts.db, recipients));
    const outcome = await this.#group.submit({ arrival, recipients, mailboxes, blob, index, prefix, mssMes: headers.get('x-mss-mes') });
    // Only a definite refusal takes the bytes away. After a lost connection they may be referenced: collecting orphans decides.
    if (outcome.do !== 'accepted') await this.#parts.blobs.discard(blob);
    this.#tell(arrival, outcome, { sizeBytes: blob.sizeBytes, recipientCount: recipients.length });
    return outcome;
  }

  /** Reads the content once: completed, measured, indexed, sealed. A refusal leaves nothing behind. */
  async #take(arrival: Arrival, content: AsyncIterable<Buffer>): Promise<Content | Refused> {
    const indexer = new MimeIndexer();
    const author = arrival.account && (await this.#author(arrival, arrival.account.address));
    const passing = author
      ? completeSubmission(content, { ...author, now: arrival.receivedAt, messageIdDomain: this.#parts.hostname })
      : observeHeaders(content);
    let blob: StoredBlob;
    try {
      blob = await this.#parts.blobs.store(passing.bytes, (chunk) => {
        indexer.write(chunk);
        if (indexer.attachmentBytes > this.#parts.maxAttachmentBytes)
          throw new RefusedError('letter-too-large', refusals['letter-too-large'].text);
      });
    } catch (error) {
      if (error instanceof RefusedError && isRefusal(error.code)) return refuse(error.code, 'content');
      throw error;
    }
    const headers = passing.headers();
    if (arrival.account && !isFrom(headers, arrival.account.address)) {
      await this.#parts.blobs.discard(blob);
      return refuse('sender-not-yours', 'from-is-not-the-account');
    }
    return { blob, index: indexer.end(), headers };
  }

  /** A citizen leaves under their civil name, whatever their software wrote; a professional's From is checked, not rewritten. Requirement 34. */
  async #author(arrival: Arrival, address: Address): Promise<Pick<SubmissionCompletion, 'from'>> {
    const learnt = this.#learnt.get(arrival);
    const holder = learnt ? learnt.sendingCitizen : await this.#findHolder(address);
    return holder?.kind === 'citizen' ? { from: { name: holder.displayName, address } } : {};
  }

  #tracePrefix({ sender, peer, id, receivedAt }: Arrival, recipients: readonly Address[]): Buffer {
    const [only, ...others] = recipients;
    return tracePrefix({
      returnPath: sender,
      heloName: peer.heloName,
      ip: peer.ip,
      protocol: peer.protocol,
      byHost: this.#parts.hostname,
      id,
      // Several recipients may be hidden from each other: none is named.
      ...(only !== undefined && others.length === 0 && { forRecipient: only }),
      at: receivedAt,
    });
  }

  #tell(arrival: Arrival, outcome: Outcome, measures: { sizeBytes: number; recipientCount: number }): void {
    const named = { door: arrival.door, arrivalId: arrival.id };
    const tookMs = this.#parts.clock().getTime() - arrival.receivedAt.getTime();
    if (outcome.do === 'accepted') this.#parts.events.letterAccepted({ ...named, ...measures, tookMs });
    else if (outcome.do === 'refuse') this.#parts.events.letterRefused({ ...named, code: outcome.code });
    else this.#parts.events.letterDeferred({ ...named, because: outcome.because });
  }

  #announce({ outcomes, placements, sentOutside }: Committed): readonly Outcome[] {
    this.#parts.wakeups.publish(placements);
    if (sentOutside) this.#parts.workIsWaiting();
    return outcomes;
  }
}

function answerOf(asked: Asked, known: Known, mailboxes: ReadonlyMap<Address, FoundMailbox>): [Asked, Answer] {
  return [asked, { known, mailbox: mailboxes.get(asked.recipient) }];
}

function isRefusal(code: string): code is RefusalCode {
  return code in refusals;
}

/** Exactly one author, and it is the account: a second From field or a second name in it would be somebody else. */
function isFrom(headers: Headers, address: Address): boolean {
  const authors = headers.getAll('from').flatMap(mailboxesOf);
  return authors.length === 1 && parseAddress(authors[0]?.address ?? '') === address;
}
