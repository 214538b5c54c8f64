// The numbers and choices of the operator that the one path follows. Their defaults stand in the configuration's schema.

/** Requirements 16, 33, 36, 37, 40 and 50. */
export type PathPolicies = {
  /** Letters to citizens who have no open mailbox, an hour: past these numbers a sender waits. Requirement 37. */
  readonly unknownPerHour: { readonly sender: number; readonly certificate: number };
  /** Answers of the test address, an hour and sender; 0 keeps it silent. Requirement 40. */
  readonly testAnswersPerHour: number;
  /** Whether a citizen is told, with their first letter to a correspondent, that a reading delay engages nobody. */
  readonly legalNotice: boolean;
  /** The same correspondent is told of the same absence again after this long. RFC 3834 §2. */
  readonly absenceAgainAfterMs: number;
  /** How long a held letter waits for a person. Requirement 50. */
  readonly quarantineMs: number;
  /** How long a letter's course may stay unknown before its sender is told that it was not delivered. Requirement 46. */
  readonly courseDeadlineMs: number;
  /** The citizens' domain of another operator, which takes smaller letters, encoded. Requirement 16. */
  readonly remoteCitizens: { readonly domain: string; readonly maxLetterBytes: number };
  /** Copies of health documents to the national record; absent: none. Requirement 52. */
  readonly record?: {
    /** Also of what other operators send to citizens here. */
    readonly copyReceived: boolean;
  };
  /** Notices to citizens' ordinary e-mail addresses; absent: none are owed. */
  readonly notices?: { readonly quietMs: number };
};
