// Writes to a citizen that a document of their record is hidden from them, or no longer is: never which one, nor whose. Requirement 51.
// Twice is harmless: the letter's delivery settles its row in the same transaction.
import { openAddressesOf } from '../../../directory/citizen-addresses.ts';
import { hiddenNoticePayload, hiddenNoticeRowKind } from '../../delivery/hidden-notices.ts';
import { composeRecordLetter } from '../../mail/automatic/compose-record-letter.ts';
import { automaticMessageId, automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { serviceName } from '../service-name.ts';
import { task } from '../task.ts';

/** To the mailbox kept here; whoever has closed theirs is not written to. */
export const sendHiddenNotice = task({
  name: hiddenNoticeRowKind,
  payload: hiddenNoticePayload,
  lane: 'here',
  retry: automaticRetry,
  run: async (context, { citizenId, stage }) => {
    const [to] = await openAddressesOf(context.db, context.citizensDomain, citizenId);
    if (to === undefined) return { do: 'done' };
    const letter = {
      from: { name: serviceName, address: context.postmaster },
      to,
      now: context.clock(),
      messageId: automaticMessageId(context),
    };
    return deliverAutomatic(context, to, composeRecordLetter(letter, stage));
  },
});
