// Answers a letter to the test address with a summary of what was received. Requirement 40.
// Twice is harmless: the answer's delivery settles its row in the same transaction.
import { testAnswerPayload, testAnswerRowKind } from '../../delivery/automatic-letters.ts';
import { composeTestAnswer } from '../../mail/automatic/compose-answer.ts';
import { answering } from '../answering.ts';
import { automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { serviceName } from '../service-name.ts';
import { task } from '../task.ts';

/** From the test address itself. */
export const answerTestLetter = task({
  name: testAnswerRowKind,
  payload: testAnswerPayload,
  lane: 'here',
  retry: automaticRetry,
  run: (context, { to, about, testAddress, summary }) => {
    const letter = answering(context, { name: serviceName, address: testAddress }, to, about);
    const dated = { ...summary, receivedAt: new Date(summary.receivedAt) };
    return deliverAutomatic(context, to, composeTestAnswer({ ...letter, summary: dated }));
  },
});
