// Tells a citizen, with their first letter to a correspondent, that a reading delay engages nobody.
// Twice is harmless: the notice's delivery settles its row in the same transaction.
import { legalNoticePayload, legalNoticeRowKind } from '../../delivery/automatic-letters.ts';
import { composeLegalNotice } from '../../mail/automatic/compose-answer.ts';
import { answering } from '../answering.ts';
import { automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { serviceName } from '../service-name.ts';
import { task } from '../task.ts';

/** In the name of the gateway. */
export const sendLegalNotice = task({
  name: legalNoticeRowKind,
  payload: legalNoticePayload,
  lane: 'here',
  retry: automaticRetry,
  run: (context, { to, about, correspondent }) => {
    const letter = answering(context, { name: serviceName, address: context.postmaster }, to, about);
    return deliverAutomatic(context, to, composeLegalNotice({ ...letter, correspondent }));
  },
});
