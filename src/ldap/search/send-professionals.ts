// The professionals' part of a search: read from the address book in the order of addresses, a batch at a time, and sent as it comes.
import type { BookFilter } from '../../../directory/book/book-filter.ts';
import { searchBook } from '../../../directory/book/search-book.ts';
import type { Address } from '../../core/address.ts';
import type { LdapEntry } from '../entries/entry.ts';
import { professionalEntry } from '../entries/professional-entry.ts';
import { bookQuestion } from '../filters/book-question.ts';
import { professionalsBranch } from '../filters/branches.ts';
import type { OperationContext } from '../operation.ts';
import type { SearchRequest } from '../wire/read-message.ts';

/** How far it came: `after` is the last address sent. */
export type SentProfessionals = { readonly is: 'sent'; readonly after?: Address; readonly sentEntries: number; readonly isMore: boolean };

/** Entries kept in memory at once. */
const batchEntries = 250;

/** What to send: `limit` entries at most, those after an address, before an instant. */
export type ProfessionalsWanted = {
  readonly reach: 'all' | { readonly only: Address };
  readonly after?: Address | undefined;
  readonly limit: number;
  readonly endsAt: number;
};

/** Sends what the filter finds. A limit of 0 sends nothing and still says whether there is more. */
export async function sendProfessionals(
  request: SearchRequest,
  wanted: ProfessionalsWanted,
  context: OperationContext,
  send: (entry: LdapEntry) => Promise<void>,
): Promise<SentProfessionals | 'too-long'> {
  const asked = bookQuestion(request.filter, professionalsBranch);
  const filter = wanted.reach === 'all' ? asked : about(wanted.reach.only, asked);
  const read = (after: Address | undefined, limit: number) => readBatch(filter, after, limit, wanted.endsAt, context);
  let { after } = wanted;
  let sentEntries = 0;
  let isMore = filter.is !== 'false' && filter.is !== 'undefined';
  while (isMore && sentEntries < wanted.limit) {
    const page = await read(after, Math.min(batchEntries, wanted.limit - sentEntries));
    if (page === 'too-long') return page;
    for (const box of page.entries) {
      await send(professionalEntry(context.services.tree, box));
      after = box.address;
    }
    sentEntries += page.entries.length;
    isMore = page.isMore;
  }
  if (isMore && wanted.limit === 0) {
    const page = await read(after, 1);
    if (page === 'too-long') return page;
    isMore = page.entries.length > 0;
  }
  return { is: 'sent', ...(after !== undefined && { after }), sentEntries, isMore };
}

/** True when the book has this mailbox, whatever else was asked of it. */
export async function isInBook(address: Address, endsAt: number, context: OperationContext): Promise<boolean | 'too-long'> {
  const page = await readBatch({ is: 'equal', attribute: 'address', value: address }, undefined, 1, endsAt, context);
  return page === 'too-long' ? page : page.entries.length > 0;
}

function readBatch(filter: BookFilter, after: Address | undefined, limit: number, endsAt: number, context: OperationContext) {
  const { services, session, signal } = context;
  return session.inTurn(services.searchGate, async () => {
    signal.throwIfAborted();
    const timeLimitMs = endsAt - Date.now();
    if (timeLimitMs <= 0) return 'too-long' as const;
    return searchBook(services.db, { filter, limit, ...(after !== undefined && { after }), timeLimitMs, signal });
  });
}

/** The question, narrowed to one entry. */
function about(address: Address, asked: BookFilter): BookFilter {
  const isIt: BookFilter = { is: 'equal', attribute: 'address', value: address };
  if (asked.is === 'true') return isIt;
  return asked.is === 'false' || asked.is === 'undefined' ? asked : { is: 'and', of: [isIt, asked] };
}
