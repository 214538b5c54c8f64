// Tells a citizen, at their ordinary e-mail address, that something waits for them here: nothing of what, nor from whom. Requirement 58.
// Twice is harmless: a notice that was sent is done, and only a crash between the smarthost's answer and our write sends it again, under
// the same Message-ID. Whether it is still true is asked at each attempt.
import { recordNoticeAnswer } from '../../../policies/notice-preferences.ts';
import { beginNotice } from '../../delivery/begin-notice.ts';
import { noticeLifeMs, noticePayload, noticeRowKind } from '../../delivery/notices.ts';
import { composeNotice } from '../../mail/notices/compose-notice.ts';
import { sendToSmarthost } from '../../relay/smarthost.ts';
import { automaticMessageId } from '../deliver-automatic.ts';
import { serviceName } from '../service-name.ts';
import { task } from '../task.ts';

const minuteMs = 60_000;

/** Tried for a day: later than that, the citizen has other news. Nobody is told that a notice was given up. */
export const sendNotice = task({
  name: noticeRowKind,
  payload: noticePayload,
  lane: 'outside',
  retry: { firstDelayMs: minuteMs, longestDelayMs: 120 * minuteMs, giveUpAfterMs: noticeLifeMs },
  remote: ({ notices }) => notices && { name: 'smarthost', perMinute: notices.perMinute },
  run: async (context, { citizenId, dueAt }) => {
    const { db, notices, citizensDomain, clock, signal } = context;
    // Notices were turned off since.
    if (!notices) return { do: 'done' };
    const { smarthost, readAt, changeAt } = notices;
    const rules = { quietMs: notices.quietMs, citizensDomain };
    const to = await beginNotice(db, { citizenId, dueAt: new Date(dueAt) }, clock(), rules);
    if (to === undefined) return { do: 'done' };
    const from = { name: serviceName, address: smarthost.from };
    const bytes = composeNotice({ from, to, now: clock(), messageId: automaticMessageId(context), readAt, changeAt });
    const answer = await sendToSmarthost(smarthost, { to, bytes }, { signal });
    switch (answer.do) {
      case 'taken':
        return { do: 'done', also: (trx) => recordNoticeAnswer(trx, citizenId, to, 'taken') };
      // Done with: the citizen's choice keeps count, and nobody here can mend their address.
      case 'refused':
        return { do: 'done', also: (trx) => recordNoticeAnswer(trx, citizenId, to, 'refused') };
      case 'unwanted':
        return { do: 'give-up', because: answer.because };
      case 'later':
        return { do: 'again', because: answer.because };
    }
  },
});
