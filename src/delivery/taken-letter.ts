// A letter whose bytes are stored and understood, waiting for its group; and one of its recipients, judged.
import type { StoredBlob } from '../../mailboxes/blobs/stored-blob.ts';
import type { FoundMailbox } from '../../mailboxes/mailbox.ts';
import type { ContentFacts } from '../../policies/facts.ts';
import type { Verdict } from '../../policies/verdict.ts';
import { type Address, localPart } from '../core/address.ts';
import { parseIns } from '../core/ins.ts';
import type { Headers } from '../mail/headers.ts';
import type { MimeIndex } from '../mail/mime-index.ts';
import type { AboutLetter } from './about-letter.ts';
import type { Arrival, EnvelopeRecipient } from './arrival.ts';
import { documentsFact, type LetterDocuments } from './letter-documents.ts';
import { type LetterHeading, returnedHeaders } from './letter-heading.ts';
import type { Reported } from './letter-reports.ts';
import type { Known } from './parties.ts';
import type { PathPolicies } from './path-policies.ts';

/** A letter as it waits for its group. */
export type TakenLetter = {
  readonly arrival: Arrival;
  readonly recipients: readonly EnvelopeRecipient[];
  /**
   * Where each recipient's letters go, as found at RCPT: ids are for ever, and a folder that is gone is noticed when it is written.
   * Undefined for a holder without a mailbox yet: the commit makes it. Absent for those RCPT has not found.
   */
  readonly mailboxes: ReadonlyMap<Address, FoundMailbox | undefined>;
  /** Absent when the letter is too large to be kept: nobody can be given it. */
  readonly blob: StoredBlob | undefined;
  readonly index: MimeIndex;
  /** Trace headers, beside the bytes. */
  readonly prefix: Buffer;
  readonly headers: Headers;
  readonly heading: LetterHeading;
  /** Recognises the letter when it comes again. */
  readonly fingerprint: Buffer;
  readonly documents: LetterDocuments | undefined;
  readonly reported: Reported | undefined;
};

/** One recipient of a letter with what is known and decided of the two. */
export type Judged = {
  readonly letter: TakenLetter;
  readonly recipient: EnvelopeRecipient;
  readonly mailbox: FoundMailbox | undefined;
  readonly known: Known;
  readonly verdict: Verdict;
};

/** A letter whose bytes are kept. Every letter that somebody is given or that is held is one: the judge lets no other through. */
export function keptBlob({ blob }: TakenLetter): StoredBlob {
  if (!blob) throw new Error('A letter that is kept nowhere was to be given to somebody');
  return blob;
}

/** What the content says, for one recipient. Requirements 16, 47, 50. */
export function contentFacts(letter: TakenLetter, recipient: Address, known: Known, policies: PathPolicies): ContentFacts {
  const isCitizenElsewhere = known.facts.recipient.kind === 'citizen-elsewhere';
  const reader = isCitizenElsewhere ? parseIns(localPart(recipient)) : known.receivingCitizen?.citizenId;
  return {
    size: sizeFact(letter, isCitizenElsewhere, policies),
    documents: documentsFact(letter.documents, reader),
    isAnswer: letter.heading.automation === 'answer',
  };
}

/** The letter as automatic letters about it speak of it. */
export function aboutLetter({ arrival, heading, index, fingerprint, headers }: TakenLetter): AboutLetter {
  // Control characters made spaces: the database keeps no NUL.
  const references = headers.decoded('references');
  return {
    arrivalId: arrival.id,
    sender: arrival.sender,
    isAnswer: heading.automation === 'answer',
    receivedAt: arrival.receivedAt,
    messageId: index.messageId,
    ...(references !== undefined && { references }),
    fingerprint,
    ...(arrival.envelopeId !== undefined && { envelopeId: arrival.envelopeId }),
    receivedFrom: arrival.peer.heloName,
    headers: returnedHeaders(headers),
  };
}

function sizeFact({ blob, prefix }: TakenLetter, isCitizenElsewhere: boolean, { remoteCitizens }: PathPolicies): ContentFacts['size'] {
  if (!blob) return 'too-large';
  const isTooLargeThere = isCitizenElsewhere && prefix.length + blob.sizeBytes > remoteCitizens.maxLetterBytes;
  return isTooLargeThere ? 'too-large-there' : 'within';
}
