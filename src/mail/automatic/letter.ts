// What every automatic letter has: who speaks, to whom, when, and in answer to what. RFC 3834 §3.1; requirements 36, 37 and 43.
// Its header is written here alone, so that no name and no Message-ID of a stranger can end a field or add one.
import type { Address } from '../../core/address.ts';
import { formatDate } from '../date.ts';
import { formatMailbox } from '../display-name.ts';
import { encodeWords } from '../encoded-words.ts';
import { isAscii } from './seven-bit.ts';

/** The facts of one automatic letter, whatever it says. The same facts always give the same bytes. */
export type AutomaticLetter = {
  /** The name may hold anything: it is made safe here. */
  readonly from: { readonly name: string; readonly address: Address };
  readonly to: Address;
  readonly now: Date;
  /** `<id@domain>`, angle brackets included. Made by this gateway: anything else is our bug and throws. */
  readonly messageId: string;
  /** Message-ID of the letter this one answers, as it stood there; left out when it is none. */
  readonly inReplyTo?: string;
  /** References of the letter this one answers, as they stood there. */
  readonly references?: string;
  /** Given for a letter that answers none. RFC 3834 §5. */
  readonly submitted?: 'auto-generated';
};

const oneMessageId = /<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>/;
const maxReferences = 20;
const maxReferencesText = 32_768;

/** The header block of an automatic letter, without its Content-* fields and its blank line. */
export function letterHeader(letter: AutomaticLetter, subject: string): string {
  if (messageIdIn(letter.messageId) !== letter.messageId) throw new TypeError('An automatic letter needs a Message-ID of its own');
  const answered = messageIdIn(letter.inReplyTo);
  const references = referencesOf(letter.references, answered);
  const fields = [
    `From: ${formatMailbox(letter.from.name, letter.from.address)}`,
    `To: ${formatMailbox(undefined, letter.to)}`,
    `Subject: ${isAscii(subject) ? subject : encodeWords(subject)}`,
    `Date: ${formatDate(letter.now)}`,
    `Message-ID: ${letter.messageId}`,
    ...(answered ? [`In-Reply-To: ${answered}`] : []),
    ...(references.length > 0 ? [`References: ${references.join('\r\n ')}`] : []),
    // RFC 3834 §5: what keeps other programs from answering this one. Requirement 37.
    `Auto-Submitted: ${letter.submitted ?? 'auto-replied'}`,
    'MIME-Version: 1.0',
  ];
  return fields.map((field) => `${field}\r\n`).join('');
}

/** The first Message-ID of a field's value, angle brackets included. */
export function messageIdIn(value: string | undefined): string | undefined {
  return oneMessageId.exec((value ?? '').slice(0, maxReferencesText))?.[0];
}

/** RFC 5322 §3.6.4: those before, then the one answered. Of a long thread, its first letter and its last ones. */
function referencesOf(before: string | undefined, answered: string | undefined): string[] {
  const known = (before ?? '').slice(-maxReferencesText).match(new RegExp(oneMessageId, 'g')) ?? [];
  const all = [...new Set([...known.filter((id) => id !== answered), ...(answered ? [answered] : [])])];
  return all.length <= maxReferences ? all : [...all.slice(0, 1), ...all.slice(1 - maxReferences)];
}
