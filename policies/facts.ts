// What the judge is told about one sender and one recipient. Gathered before, by whoever asks; the judge looks nothing up.

/** The one who writes. */
export type SenderFacts =
  | { readonly kind: 'citizen' }
  /** A professional's mailbox hosted here. */
  | { readonly kind: 'professional' }
  /** A mailbox of another operator, whose certificate presents its domain. */
  | { readonly kind: 'other-operator' }
  /** The null reverse path: reports and receipts. Requirement 17. */
  | { readonly kind: 'nobody' };

/** The one written to. */
export type RecipientFacts =
  | { readonly kind: 'citizen'; readonly state: HolderState }
  | { readonly kind: 'professional'; readonly state: HolderState; readonly openToCitizens: boolean }
  /** In the citizens' domain, but not a matricule or with a wrong key. Requirement 35. */
  | { readonly kind: 'not-a-citizen-address' }
  /** A well-formed matricule that nobody holds here. Requirement 36. */
  | { readonly kind: 'unknown-citizen' }
  /** In a professional domain of this gateway, but nobody's. */
  | { readonly kind: 'unknown-address' }
  /** In a domain this gateway does not host. */
  | { readonly kind: 'elsewhere'; readonly reachable: boolean };

export type HolderState = 'active' | 'suspended' | 'closed';

/** How things stand between a citizen and a correspondent. */
export type ExchangeState = 'never-opened' | 'open' | 'ended';

/** Everything a verdict rests on. `exchange` matters only when a citizen writes to a professional. */
export type Facts = {
  readonly sender: SenderFacts;
  readonly recipient: RecipientFacts;
  readonly exchange: ExchangeState;
};
