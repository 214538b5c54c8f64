// Sends the receipt of a letter that was displayed to the one who asked for it. RFC 8098, requirements 43 to 45.
// Twice is harmless: the receipt's delivery settles its row in the same transaction, and the row's id is drawn from the letter.
import type { z } from 'zod';
import { resolveAddresses } from '../../../directory/resolve-addresses.ts';
import { findMailboxes } from '../../../mailboxes/mailbox.ts';
import { readLetterForReceipt } from '../../../mailboxes/read-messages.ts';
import { receiptPayload, receiptRowKind } from '../../delivery/automatic-letters.ts';
import { readCourse } from '../../delivery/ledger.ts';
import { composeReceipt } from '../../mail/automatic/compose-receipt.ts';
import { automaticMessageId, automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { quoteLetter } from '../quote-letter.ts';
import { type TaskContext, task } from '../task.ts';

/** From the mailbox in which the letter was displayed. */
export const sendReceipt = task({
  name: receiptRowKind,
  payload: receiptPayload,
  lane: 'here',
  retry: automaticRetry,
  run: async (context, payload) => deliverAutomatic(context, payload.to, await compose(context, payload)),
});

async function compose(context: TaskContext, payload: z.output<typeof receiptPayload>): Promise<Buffer> {
  const { to, mailboxAddress: address, messageId } = payload;
  const holder = (await resolveAddresses(context.db, context.citizensDomain, [address])).get(address);
  const originalRecipient = await originalRecipientOf(context, payload);
  return composeReceipt({
    from: { name: holder?.displayName ?? '', address },
    to,
    now: context.clock(),
    messageId: automaticMessageId(context),
    ...(messageId !== null && { inReplyTo: messageId }),
    reportingUa: `${context.hostname}; Passerelle`,
    finalRecipient: address,
    ...(originalRecipient !== undefined && { originalRecipient }),
    originalMessageId: messageId,
    displayedAt: new Date(payload.displayedAt),
    original: await originalOf(context, payload),
  });
}

/** ORCPT as the letter came with it, else the name of this mailbox it was sent to: a matricule may have changed. RFC 8098 §3.2.3. */
async function originalRecipientOf({ db }: TaskContext, letter: z.output<typeof receiptPayload>): Promise<string | undefined> {
  if (letter.messageId === null) return undefined;
  const course = (await readCourse(db, { messageId: letter.messageId })).filter(({ sender }) => sender === letter.to);
  const mailboxes = await findMailboxes(
    db,
    course.map(({ recipient }) => recipient),
  );
  const line = course.find(({ recipient }) => mailboxes.get(recipient)?.mailboxId === letter.mailboxId);
  return line && (line.originalRecipient ?? `rfc822;${line.recipient}`);
}

/** The letter may be gone by now: its reader has read it and thrown it away. The receipt is owed all the same. */
async function originalOf(
  context: TaskContext,
  { mailboxId, letterId, messageId }: z.output<typeof receiptPayload>,
): Promise<{ letter: Buffer } | { headers: Buffer }> {
  const letter = await readLetterForReceipt(context.db, mailboxId, letterId);
  const quoted = letter && (await quoteLetter(context, letter.blob));
  return quoted ?? { headers: Buffer.from(messageId === null ? '' : `Message-ID: ${messageId}\r\n`) };
}
