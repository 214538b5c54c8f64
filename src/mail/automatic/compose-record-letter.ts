// The letters that tell a citizen of documents hidden from them in their record: that one exists, and that one no longer is. Requirement 51.
import { type AutomaticLetter, letterHeader } from './letter.ts';
import { hiddenDocumentTexts, shownDocumentTexts } from './record-texts.ts';
import { humanPart } from './report-parts.ts';

/** What has become of a hidden document: a month has passed, or it was made visible. */
export type HiddenStage = 'hidden' | 'shown';

/** One letter, ready for the one path. The same whatever the document is, and however many there are. */
export function composeRecordLetter(letter: AutomaticLetter, stage: HiddenStage): Buffer {
  const { subject, text } = stage === 'hidden' ? hiddenDocumentTexts() : shownDocumentTexts();
  const { header, body } = humanPart(text);
  const head = letterHeader({ ...letter, submitted: 'auto-generated' }, subject);
  return Buffer.concat([Buffer.from(`${head}${header}\r\n`, 'latin1'), body]);
}
