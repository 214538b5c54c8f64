// Which placements a citizen may want to be told of: a letter, or a report that one of theirs did not arrive. Not the other automatic
// letters, which tell of what they did themselves.
import type { NoticeKind } from '../../policies/notice-preferences.ts';
import type { Trx } from '../database/tables.ts';
import { type NoticeEvent, oweNotices } from './notices.ts';
import type { PathPolicies } from './path-policies.ts';
import type { Judged, TakenLetter } from './taken-letter.ts';

/** Owes the notices of these placements, in their transaction; nothing where none are configured. Answers how many are newly owed. */
export async function noticePlacements(trx: Trx, { notices }: PathPolicies, placed: readonly Judged[], now: Date): Promise<number> {
  return notices ? await oweNotices(trx, placed.flatMap(eventOf), now, notices) : 0;
}

function eventOf({ letter, known: { receivingCitizen } }: Judged): NoticeEvent[] {
  const kind = receivingCitizen && kindOf(letter);
  return kind ? [{ citizenId: receivingCitizen.citizenId, kind }] : [];
}

function kindOf({ heading, reported, arrival }: TakenLetter): NoticeKind | undefined {
  if (heading.automation !== 'answer') return 'letter';
  // A server has no reverse path; what a person writes in a report's likeness is no news of a letter.
  const isReport = reported?.kind === 'delivery-status' && arrival.sender === null;
  return isReport && reported.reading.recipients.some(({ action }) => action.toLowerCase() === 'failed') ? 'not-delivered' : undefined;
}
