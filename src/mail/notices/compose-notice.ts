// The notice that goes to a citizen's ordinary e-mail address: that something waits, and where to read it. Requirement 58.
// It leaves the space of trust: whoever carries it or looks over a shoulder must not learn who wrote, about what, nor who the citizen is
// to the health system. So it is made of settings and of the id of a row, and of nothing of any letter.
import type { AutomaticLetter } from '../automatic/letter.ts';
import { composeMultipart, humanPart } from '../automatic/report-parts.ts';
import { type NoticePlaces, noticeTexts, testTexts } from './notice-texts.ts';
import { toHtml, toText } from './render-notice.ts';

/** A notice; `isTest` says that nothing waits, and that the address works. */
export type Notice = Pick<AutomaticLetter, 'from' | 'to' | 'now' | 'messageId'> & NoticePlaces & { readonly isTest?: boolean };

/** The whole letter, in plain text and in HTML that says the same: no picture, no script, nothing fetched from anywhere. */
export function composeNotice({ isTest = false, ...notice }: Notice): Buffer {
  const texts = isTest ? testTexts(notice) : noticeTexts(notice);
  const parts = [humanPart(toText(texts)), humanPart(toHtml(texts), 'html')];
  return composeMultipart({ ...notice, submitted: 'auto-generated' }, texts.subject, 'multipart/alternative', parts);
}
