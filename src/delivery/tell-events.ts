// What the one path tells the log and the counters of a letter, once it is certain. Codes and our own ids only.
import { compareMssHeaders } from '../mail/documents/compare-mss-headers.ts';
import type { Events } from '../observe/events.ts';
import type { Arrival, Outcome } from './arrival.ts';
import type { LetterResult } from './commit-letters.ts';
import type { TakenLetter } from './taken-letter.ts';
import { codeOf } from './write-courses.ts';

/** What a letter weighed, and when it was answered. */
export type Measures = { readonly sizeBytes: number; readonly recipientCount: number; readonly now: Date };

/** The answer to a letter, whatever it is. */
export function tellOutcome(events: Events, { door, id: arrivalId, receivedAt }: Arrival, outcome: Outcome, measures: Measures): void {
  const { now, ...counts } = measures;
  const tookMs = now.getTime() - receivedAt.getTime();
  if (outcome.do === 'accepted') events.letterAccepted({ door, arrivalId, ...counts, tookMs });
  else if (outcome.do === 'refuse') events.letterRefused({ door, arrivalId, code: outcome.code });
  else events.letterDeferred({ door, arrivalId, because: outcome.because });
}

/** What became of the recipients of a letter that was taken, and what its content was like. */
export function tellResult(events: Events, letter: TakenLetter, { outcome, recipients, isReplay }: LetterResult): void {
  const { arrival, documents, heading } = letter;
  const named = { door: arrival.door, arrivalId: arrival.id };
  if (documents?.reading.problem) {
    const { problem, because = problem } = documents.reading;
    events.documentsNotRead({ ...named, problem, because });
  }
  if (outcome === 'not-yet' || outcome.do !== 'accepted') return;
  const isTold = arrival.sender !== null && heading.automation !== 'answer';
  for (const one of recipients) {
    const code = codeOf(one);
    if (!code) continue;
    if (one.verdict.do === 'hold') events.letterHeld({ ...named, code });
    else events.recipientReported({ ...named, code, isTold });
  }
  if (isReplay) events.replaySeen(named);
  const mismatches = isFromProfessional(letter, recipients) ? compareMssHeaders(letter.headers, documents?.reading ?? noDocuments) : [];
  if (mismatches.length > 0) events.mssFieldsDiffer({ ...named, mismatches });
}

const noDocuments = { documents: [] };

/** Only professionals' software writes X-MSS-* fields, and not in what it sends by itself. */
function isFromProfessional({ heading }: TakenLetter, recipients: LetterResult['recipients']): boolean {
  const kind = recipients[0]?.known.facts.sender.kind;
  return heading.automation !== 'answer' && (kind === 'professional' || kind === 'other-operator');
}
