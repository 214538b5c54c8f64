// The letter to the holder of a mailbox that nobody opens: what will become of it, when, and how to keep it. Requirement 21.
import { type AutomaticLetter, letterHeader } from './letter.ts';
import { humanPart } from './report-parts.ts';
import { type IdleFacts, idleTexts } from './texts.ts';

/** One letter, ready for the one path. */
export function composeIdleLetter(letter: AutomaticLetter, facts: IdleFacts): Buffer {
  const { subject, text } = idleTexts(facts);
  const { header, body } = humanPart(text);
  const head = letterHeader({ ...letter, submitted: 'auto-generated' }, subject);
  return Buffer.concat([Buffer.from(`${head}${header}\r\n`, 'latin1'), body]);
}
