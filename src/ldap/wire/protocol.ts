// The numbers and names of the protocol: result codes, operations, controls and extensions, as their RFCs give them.

/** Result codes this door answers. RFC 4511 §4.1.9 and appendix A. */
export const resultCode = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  other: 80,
} as const;

/** One of them. */
export type ResultCode = (typeof resultCode)[keyof typeof resultCode];

/** First bytes of the answers that ldapts has no name for the tag of, or that answer what we refuse. RFC 4511 §4.2 to §4.12. */
export const answerTag = {
  bind: 0x61,
  entry: 0x64,
  search: 0x65,
  modify: 0x67,
  add: 0x69,
  delete: 0x6b,
  rename: 0x6d,
  compare: 0x6f,
  extended: 0x78,
};

/** Extended operations, and the answer that nobody asked for. */
export const extensionOid = {
  /** RFC 4511 §4.14. */
  startTls: '1.3.6.1.4.1.1466.20037',
  /** RFC 4532. */
  whoAmI: '1.3.6.1.4.1.4203.1.11.3',
  /** RFC 4511 §4.4.1. */
  noticeOfDisconnection: '1.3.6.1.4.1.1466.20036',
};

/** Controls this door obeys. */
export const controlOid = {
  /** RFC 2696. */
  pagedResults: '1.2.840.113556.1.4.319',
  /** RFC 3296: the tree holds no referral, so there is nothing to manage. */
  manageDsaIt: '2.16.840.1.113730.3.4.2',
};
