// Answers SEARCH in a folder. SQL does all it can in one statement; what needs a letter's bytes is then asked of the caller, only
// for the messages that SQL could not decide, with no connection held meanwhile. RFC 9051 §6.4.4.
import { type RawBuilder, sql } from 'kysely';
import { RefusedError } from '../src/core/errors.ts';
import type { Db } from '../src/database/tables.ts';
import { type ContentTest, deepestQuery, depthOf, isPure, type PureTest, type SearchQuery } from './search-query.ts';

export type { SearchQuery } from './search-query.ts';

type Condition = RawBuilder<boolean>;

/** UIDs that match, in order. Throws RefusedError when tests stand too deep within each other. */
export async function searchMessages(db: Db, mailboxId: number, folderId: number, query: SearchQuery): Promise<number[]> {
  if (depthOf(query) > deepestQuery) throw new RefusedError('search-too-deep', 'Cette recherche est trop complexe');
  // Each pure branch is a column of the answer; a query without content has one, itself.
  const branches: Condition[] = [];
  const plan = planOf(query, branches);
  const answers = branches.length > 0 ? sql`json_build_array(${sql.join(branches)})` : sql`'[]'::json`;
  const { rows } = await sql<{ uid: number; answers: boolean[] }>`
    select m.uid, ${isPure(query) ? sql`'[true]'::json` : answers} as answers
    from messages m join letters l on l.mailbox_id = m.mailbox_id and l.letter_id = m.letter_id
    where m.mailbox_id = ${mailboxId} and m.folder_id = ${folderId} and ${possible(query)} order by m.uid`.execute(db);
  const found: number[] = [];
  for (const { uid, answers: known } of rows) if (await decide(plan, uid, known)) found.push(uid);
  return found;
}

/** The query with each pure branch replaced by its place in the row's answers. */
type Plan =
  | { readonly test: 'known'; readonly at: number }
  | ContentTest
  | { readonly test: 'and' | 'or'; readonly of: readonly Plan[] }
  | { readonly test: 'not'; readonly of: Plan };

function planOf(query: SearchQuery, branches: Condition[]): Plan {
  if (isPure(query)) return { test: 'known', at: branches.push(condition(query)) - 1 };
  if (query.test === 'not') return { test: 'not', of: planOf(query.of, branches) };
  if (query.test === 'and' || query.test === 'or') {
    // What is known costs nothing: it comes first, and may spare reading the letter.
    const of = [...query.of.filter(isPure), ...query.of.filter((one) => !isPure(one))];
    return { test: query.test, of: of.map((one) => planOf(one, branches)) };
  }
  return query as ContentTest;
}

async function decide(plan: Plan, uid: number, known: readonly boolean[]): Promise<boolean> {
  if (plan.test === 'known') return known[plan.at] ?? false;
  if (plan.test === 'content') return await plan.matches({ uid });
  if (plan.test === 'not') return !(await decide(plan.of, uid, known));
  for (const one of plan.of) {
    const matches = await decide(one, uid, known);
    if (matches !== (plan.test === 'and')) return matches;
  }
  return plan.test === 'and';
}

// True for every message that might match: a branch which cannot be known yet counts as true, negated or not.
function possible(query: SearchQuery): Condition {
  if (isPure(query)) return condition(query);
  if (query.test === 'and' || query.test === 'or') return combine(query.test, query.of.map(possible));
  return sql`true`;
}

function condition(query: SearchQuery): Condition {
  if (query.test === 'and' || query.test === 'or') return combine(query.test, query.of.map(condition));
  if (query.test === 'not') return sql`not ${condition(query.of)}`;
  if (query.test === 'content') throw new Error('Content is not answered by SQL');
  return pureCondition(query);
}

function combine(test: 'and' | 'or', conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return test === 'and' ? sql`true` : sql`false`;
  return sql`(${sql.join(conditions, test === 'and' ? sql` and ` : sql` or `)})`;
}

const searchColumns = {
  from: 'l.search_from',
  to: 'l.search_to',
  cc: 'l.search_cc',
  bcc: 'l.search_bcc',
  subject: 'l.search_subject',
} as const;

function pureCondition(query: PureTest): Condition {
  switch (query.test) {
    case 'all':
      return sql`true`;
    case 'uids':
      return sql`exists (select from unnest(${query.ranges.map(([from]) => from)}::bigint[], ${query.ranges.map(([, to]) => to)}::bigint[]) r (a, z)
        where m.uid between r.a and r.z)`;
    case 'flags':
      return sql`(m.flags & ${query.flags}::integer = ${query.flags}::integer)`;
    case 'keyword':
      return sql`exists (select from unnest(m.keywords) k where lower(k) = ${query.keyword.toLowerCase()}::text)`;
    case 'internal-date':
      return onDay(sql`m.internal_date`, query.when, query.day);
    case 'sent':
      return sql`coalesce(${onDay(sql`l.sent_at`, query.when, query.day)}, false)`;
    case 'larger':
      return sql`(m.size_bytes > ${query.bytes})`;
    case 'smaller':
      return sql`(m.size_bytes < ${query.bytes})`;
    case 'contains':
      return isIn(sql.ref(searchColumns[query.field]), query.text);
    case 'message-id':
      return isIn(sql`coalesce(lower(l.message_id), '')`, query.text);
    case 'modseq':
      return sql`(m.modseq >= ${query.atLeast})`;
  }
}

// Not LIKE: nothing in the text has a meaning of its own. NUL, which PostgreSQL cannot hold, is in no column either.
function isIn(column: RawBuilder<unknown>, text: string): Condition {
  return text.includes('\0') ? sql`false` : sql`(strpos(${column}, ${text.toLowerCase()}::text) > 0)`;
}

function onDay(instant: RawBuilder<unknown>, when: 'before' | 'on' | 'since', day: string): Condition {
  const start = sql`(${day}::date::timestamp at time zone 'UTC')`;
  if (when === 'before') return sql`(${instant} < ${start})`;
  if (when === 'since') return sql`(${instant} >= ${start})`;
  return sql`(${instant} >= ${start} and ${instant} < ${start} + interval '24 hours')`;
}
