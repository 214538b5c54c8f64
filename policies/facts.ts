// What the judge is told about one sender, one recipient and one letter. Gathered before, by whoever asks; the judge looks nothing up.

/** The one who writes. */
export type SenderFacts = {
  /**
   * Who stands at the other end: a mailbox of this gateway, the gateway itself, or another operator whose certificate presents its
   * domain; `citizen-elsewhere` when that domain is the one in which another operator keeps citizens. `nobody`: an address of this
   * gateway that the directory does not know; `shut`: one whose mailbox is not open (any more).
   */
  readonly kind: 'citizen' | 'professional' | 'gateway' | 'other-operator' | 'citizen-elsewhere' | 'nobody' | 'shut';
  /** The null reverse path of reports and receipts: nothing is ever answered to it. Requirement 17. */
  readonly hasNullPath: boolean;
  /** This sender, or this certificate, has written to too many citizens without an open mailbox within the hour. Requirement 37. */
  readonly guessesAddresses: boolean;
};

/** The one written to. */
export type RecipientFacts =
  | { readonly kind: 'citizen'; readonly state: HolderState }
  | { readonly kind: 'professional'; readonly state: HolderState }
  /** `reponse.automatique-test` in the citizens' domain. Requirement 40. */
  | { readonly kind: 'test-address'; readonly isBusy: boolean }
  /** In the citizens' domain, but not a matricule or with a wrong key. Requirement 35. */
  | { readonly kind: 'not-a-citizen-address' }
  /** A well-formed matricule that nobody holds here. Requirement 36. */
  | { readonly kind: 'unknown-citizen' }
  /** In a professional domain of this gateway, but nobody's. */
  | { readonly kind: 'unknown-address' }
  /** In a domain this gateway does not host. */
  | { readonly kind: 'elsewhere'; readonly reachable: boolean }
  /** In the domain in which another operator keeps citizens. Requirements 16, 31, 50. */
  | { readonly kind: 'citizen-elsewhere'; readonly reachable: boolean };

/** `opposed`: the citizen refused the mailbox that was to be made for them. */
export type HolderState = 'active' | 'suspended' | 'closed' | 'opposed';

/** How things stand between a citizen and a correspondent: what the register knows of the pair. */
export type Standing = {
  readonly exchange: 'never-opened' | 'open' | 'ended';
  /** The correspondent, by any of their mailboxes here, wants no letter from this citizen. Requirement 33. */
  readonly isBlocked: boolean;
  /** Whether the correspondent agreed to be written to first by this citizen; `not-today` when the day's number is used up. Requirement 32. */
  readonly mayWriteFirst: 'no' | 'yes' | 'not-today';
};

/** Of two people who never met, and of every pair that is not a citizen writing to a professional. */
export const strangers: Standing = { exchange: 'never-opened', isBlocked: false, mayWriteFirst: 'no' };

/** What is known of the letter itself once its content has been read. */
export type ContentFacts = {
  /** `too-large-there`: within the limit of this gateway, beyond that of the recipient's national domain. Requirement 16. */
  readonly size: 'within' | 'too-large' | 'too-large-there';
  /** What the health documents inside say about this recipient, the gravest first when there are several. Requirements 47, 50. */
  readonly documents: 'harmless' | 'hidden-from-patient' | 'about-someone-else' | 'unreadable' | 'hostile';
  /** It answers by itself (report, receipt, absence): its sender is told nothing of what becomes of it. Requirements 17, 37. */
  readonly isAnswer: boolean;
};

/** Of a letter whose content has not been read yet: the facts at RCPT. */
export const unread: ContentFacts = { size: 'within', documents: 'harmless', isAnswer: false };

/** Everything a verdict rests on. */
export type Facts = {
  readonly sender: SenderFacts;
  readonly recipient: RecipientFacts;
  readonly standing: Standing;
  readonly content: ContentFacts;
};
