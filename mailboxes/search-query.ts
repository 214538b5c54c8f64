// What SEARCH may ask, as a tree. Tests on columns are answered by SQL; tests that need a letter's bytes (HEADER, BODY, TEXT)
// are a leaf that brings its own answer. RFC 9051 §6.4.4.

/** A message whose content is asked about. */
export type Candidate = { readonly uid: number };

/** One test, or tests put together. An empty `and` is true, an empty `or` is false. */
export type SearchQuery =
  | { readonly test: 'and'; readonly of: readonly SearchQuery[] }
  | { readonly test: 'or'; readonly of: readonly SearchQuery[] }
  | { readonly test: 'not'; readonly of: SearchQuery }
  | PureTest
  | ContentTest;

/** A test that SQL answers from columns. */
export type PureTest =
  | { readonly test: 'all' }
  /** Inclusive ranges. */
  | { readonly test: 'uids'; readonly ranges: readonly (readonly [from: number, to: number])[] }
  /** All these bits of SystemFlag are set. */
  | { readonly test: 'flags'; readonly flags: number }
  | { readonly test: 'keyword'; readonly keyword: string }
  /** `day` is YYYY-MM-DD; times are compared in UTC. `sent` is the Date header; a letter without one matches nothing. */
  | { readonly test: 'internal-date' | 'sent'; readonly when: 'before' | 'on' | 'since'; readonly day: string }
  | { readonly test: 'larger' | 'smaller'; readonly bytes: number }
  /** Anywhere in the decoded header, whatever the case. */
  | { readonly test: 'contains'; readonly field: 'from' | 'to' | 'cc' | 'bcc' | 'subject'; readonly text: string }
  /** Anywhere in the Message-ID, whatever the case. */
  | { readonly test: 'message-id'; readonly text: string }
  | { readonly test: 'modseq'; readonly atLeast: number };

/** A test answered by the caller, who can read the letter. Asked only of messages that its answer decides, one at a time. */
export type ContentTest = { readonly test: 'content'; readonly matches: (message: Candidate) => Promise<boolean> };

/** How deep tests may stand within each other: beyond, evaluating them could exhaust a stack, here or in PostgreSQL. */
export const deepestQuery = 50;

/** True when no letter's bytes are needed. */
export function isPure(query: SearchQuery): boolean {
  if (query.test === 'content') return false;
  if (query.test === 'and' || query.test === 'or') return query.of.every(isPure);
  return query.test === 'not' ? isPure(query.of) : true;
}

/** Levels of tests within tests, counted no further than one beyond the deepest allowed. */
export function depthOf(query: SearchQuery, level = 1): number {
  if (level > deepestQuery) return level;
  if (query.test === 'and' || query.test === 'or')
    return query.of.reduce((deepest, one) => Math.max(deepest, depthOf(one, level + 1)), level);
  return query.test === 'not' ? depthOf(query.of, level + 1) : level;
}
