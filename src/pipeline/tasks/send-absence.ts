// Tells a correspondent that the professional they wrote to is absent. RFC 3834.
// Twice is harmless: the answer's delivery settles its row in the same transaction.
import { resolveAddresses } from '../../../directory/resolve-addresses.ts';
import { absencePayload, absenceRowKind } from '../../delivery/automatic-letters.ts';
import { composeAbsence } from '../../mail/automatic/compose-answer.ts';
import { answering } from '../answering.ts';
import { automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { task } from '../task.ts';

/** From the mailbox of the one who is absent, under their name. */
export const sendAbsence = task({
  name: absenceRowKind,
  payload: absencePayload,
  lane: 'here',
  retry: automaticRetry,
  run: async (context, { to, about, from, absence }) => {
    const holder = (await resolveAddresses(context.db, context.citizensDomain, [from])).get(from);
    const letter = answering(context, { name: holder?.displayName ?? '', address: from }, to, about);
    const dated = { ...absence, from: new Date(absence.from), until: new Date(absence.until) };
    return deliverAutomatic(context, to, composeAbsence({ ...letter, absence: dated }));
  },
});
