// Writes to the holder of a professional mailbox that nobody opens, in that mailbox: what will become of it, and how to keep it.
// Requirement 21. Twice is harmless: the letter's delivery settles its row in the same transaction.
import { z } from 'zod';
import { type IdleDelays, type IdleStep, isStillSilent } from '../../../directory/idle-boxes.ts';
import { derivedId } from '../../core/derived-id.ts';
import type { OutboxItem } from '../../delivery/outbox.ts';
import { addressKind, instantKind } from '../../delivery/payload-kinds.ts';
import { composeIdleLetter } from '../../mail/automatic/compose-idle-letter.ts';
import { automaticMessageId, automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { serviceName } from '../service-name.ts';
import { task } from '../task.ts';

const idleNoticeRowKind = 'send-idle-notice';

const idleNoticePayload = z.object({
  address: addressKind,
  since: instantKind,
  suspendFrom: instantKind.exactOptional(),
  unpublishFrom: instantKind.exactOptional(),
});

/** The letter owed for a silence, once: its row's id is drawn from the mailbox and the day the silence began. */
export function idleNotice({ address, since }: IdleStep, delays: IdleDelays, now: Date): OutboxItem {
  // No step comes sooner after the notice than the delays are apart.
  const dayOf = (delayMs: number) => new Date(Math.max(since.getTime() + delayMs, now.getTime() + delayMs - delays.noticeMs)).toISOString();
  const payload: z.input<typeof idleNoticePayload> = {
    address,
    since: since.toISOString(),
    ...(delays.suspendMs > 0 && { suspendFrom: dayOf(delays.suspendMs) }),
    ...(delays.unpublishMs > 0 && { unpublishFrom: dayOf(delays.unpublishMs) }),
  };
  return { id: derivedId([idleNoticeRowKind, address, payload.since]), kind: idleNoticeRowKind, payload };
}

/** Nothing is written to whoever came back meanwhile. */
export const sendIdleNotice = task({
  name: idleNoticeRowKind,
  payload: idleNoticePayload,
  lane: 'here',
  retry: automaticRetry,
  run: async (context, { address, since, suspendFrom, unpublishFrom }) => {
    if (!(await isStillSilent(context.db, address, new Date(since)))) return { do: 'done' };
    const letter = {
      from: { name: serviceName, address: context.postmaster },
      to: address,
      now: context.clock(),
      messageId: automaticMessageId(context),
    };
    const facts = {
      mailbox: address,
      since: new Date(since),
      ...(suspendFrom !== undefined && { suspendFrom: new Date(suspendFrom) }),
      ...(unpublishFrom !== undefined && { unpublishFrom: new Date(unpublishFrom) }),
    };
    return deliverAutomatic(context, address, composeIdleLetter(letter, facts));
  },
});
