// Automatic letters in plain words: absence, legal notice, answer of the test address. One text part, a neutral subject that repeats
// nothing of the letter answered. RFC 3834; requirements 37 and 40.
import type { Address } from '../../core/address.ts';
import { type AutomaticLetter, letterHeader } from './letter.ts';
import { humanPart } from './report-parts.ts';
import { type AbsenceNotice, absenceTexts, legalNoticeTexts, type TestSummary, type Texts, testAnswerTexts } from './texts.ts';

export type { AbsenceNotice, TestSummary } from './texts.ts';

/** « Je suis absent », with the dates and whom to write to meanwhile. */
export function composeAbsence(letter: AutomaticLetter & { readonly absence: AbsenceNotice }): Buffer {
  return composeAnswer(letter, absenceTexts(letter.absence));
}

/** Tells a citizen, with their first letter to a correspondent, that no delay of reading is promised. */
export function composeLegalNotice(letter: AutomaticLetter & { readonly correspondent: Address }): Buffer {
  return composeAnswer(letter, legalNoticeTexts(letter.correspondent));
}

/** What arrived at the test address, told back. Requirement 40. */
export function composeTestAnswer(letter: AutomaticLetter & { readonly summary: TestSummary }): Buffer {
  return composeAnswer(letter, testAnswerTexts(letter.summary));
}

function composeAnswer(letter: AutomaticLetter, { subject, text }: Texts): Buffer {
  const { header, body } = humanPart(text);
  return Buffer.concat([Buffer.from(`${letterHeader(letter, subject)}${header}\r\n`, 'latin1'), body]);
}
