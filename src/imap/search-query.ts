// From what a client asked SEARCH to what the storage can answer: numbers become UIDs, \Recent becomes ranges, and tests that need
// a letter's bytes become a question back. RFC 3501 §6.4.4.
import type { Candidate, SearchQuery } from '../../mailboxes/search-query.ts';
import { uidsOf } from './asked-messages.ts';
import { flagBits } from './flag-bits.ts';
import type { SelectedFolder } from './selected-folder.ts';
import type { EnvelopeField, SearchKey } from './wire/search-keys.ts';
import type { SequenceSet } from './wire/sequence-set.ts';

/** A test on the bytes of a letter. */
export type ContentKey = Extract<SearchKey, { key: 'header' | 'body' | 'text' }>;

/** Answers a content test for one message. */
export type ContentReader = (message: Candidate, key: ContentKey) => Promise<boolean>;

/** The query for the storage, in the numbering of this session. */
export function toSearchQuery(key: SearchKey, folder: SelectedFolder, read: ContentReader): SearchQuery {
  const translate = (one: SearchKey): SearchQuery => toSearchQuery(one, folder, read);
  switch (key.key) {
    case 'all':
      return { test: 'all' };
    case 'and':
      return { test: 'and', of: key.keys.map(translate) };
    case 'or':
      return { test: 'or', of: [translate(key.left), translate(key.right)] };
    case 'not':
      return { test: 'not', of: translate(key.negated) };
    case 'sequence':
      return { test: 'uids', ranges: rangesOf(folder, key.set, 'by-number') };
    case 'uid':
      return { test: 'uids', ranges: rangesOf(folder, key.set, 'by-uid') };
    case 'flag':
      return unless(key.isSet, { test: 'flags', flags: flagBits({ system: [key.flag], keywords: [] }) });
    case 'keyword':
      return unless(key.isSet, { test: 'keyword', keyword: key.keyword });
    case 'recent':
      return unless(key.isSet, { test: 'uids', ranges: folder.recentRanges });
    case 'envelope':
      return { test: 'contains', field: key.field, text: key.contains };
    case 'internal-date':
      return { test: 'internal-date', when: key.relation, day: key.day };
    case 'sent-date':
      return { test: 'sent', when: key.relation, day: key.day };
    case 'size':
      return { test: key.relation, bytes: key.sizeBytes };
    case 'header':
      return headerTest(key, read);
    case 'body':
    case 'text':
      return { test: 'content', matches: (message) => read(message, key) };
  }
}

const columns: readonly string[] = ['from', 'to', 'cc', 'bcc', 'subject'] satisfies EnvelopeField[];

/** Fields that have a column are found there; `HEADER Subject ""`, which asks whether the field exists at all, is not among them. */
function headerTest(key: Extract<SearchKey, { key: 'header' }>, read: ContentReader): SearchQuery {
  const field = key.name.toLowerCase();
  if (key.contains !== '' && isEnvelopeField(field)) return { test: 'contains', field, text: key.contains };
  // What mail programs ask to see whether they have a letter already.
  if (key.contains !== '' && field === 'message-id') return { test: 'message-id', text: key.contains };
  return { test: 'content', matches: (message) => read(message, key) };
}

function isEnvelopeField(name: string): name is EnvelopeField {
  return columns.includes(name);
}

function unless(isSet: boolean, query: SearchQuery): SearchQuery {
  return isSet ? query : { test: 'not', of: query };
}

/** Runs of messages next to each other in the folder, as ranges of UIDs. */
function rangesOf(folder: SelectedFolder, set: SequenceSet, counting: 'by-number' | 'by-uid'): [number, number][] {
  const ranges: [number, number][] = [];
  let previous = 0;
  for (const uid of uidsOf(folder, set, counting)) {
    const last = ranges.at(-1);
    const sequence = folder.numbers.sequenceOf(uid);
    // No UID is free between two neighbours: nothing can come to stand there later.
    if (last && sequence === previous + 1) last[1] = uid;
    else ranges.push([uid, uid]);
    previous = sequence;
  }
  return ranges;
}
