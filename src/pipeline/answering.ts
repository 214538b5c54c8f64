// What every automatic answer to a letter has: who speaks, to whom, and which letter is answered. RFC 3834 §3.1.
import type { Address } from '../core/address.ts';
import type { KeptAbout } from '../delivery/about-letter.ts';
import type { AutomaticLetter } from '../mail/automatic/letter.ts';
import { automaticMessageId } from './deliver-automatic.ts';
import type { TaskContext } from './task.ts';

/** The head of an answer to `about`, for the functions that compose letters. */
export function answering(context: TaskContext, from: AutomaticLetter['from'], to: Address, about: KeptAbout): AutomaticLetter {
  return {
    from,
    to,
    now: context.clock(),
    messageId: automaticMessageId(context),
    ...(about.messageId !== null && { inReplyTo: about.messageId }),
    ...(about.references !== undefined && { references: about.references }),
  };
}
