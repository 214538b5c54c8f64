// The kinds of values that outbox payloads are made of. Each stays what JSON can carry, so that a payload read can be written again.
// The payloads of letters are not strict: what a caller's value carries beside is left out, where a strict one would end the letter.
import { z } from 'zod';
import { type Address, parseAddress } from '../core/address.ts';

/** An address in its canonical form. */
export const addressKind = z.string().transform((text, context): Address => {
  const parsed = parseAddress(text);
  if (parsed) return parsed;
  context.addIssue({ code: 'custom', message: 'Not an address' });
  return z.NEVER;
});

/** An instant, ISO 8601. */
export const instantKind = z.iso.datetime();

/** NOTIFY, RFC 3461 §4.1. */
export const notifyKind = z.union([z.literal('never'), z.array(z.literal(['success', 'failure', 'delay']))]);

/** One RCPT. */
export const recipientKind = z.object({
  address: addressKind,
  notify: notifyKind.exactOptional(),
  originalRecipient: z.string().exactOptional(),
});
