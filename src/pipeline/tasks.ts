// Every kind of work the gateway does later, one file each under tasks/.
import type { AnyTask } from './task.ts';
import { answerTestLetter } from './tasks/answer-test-letter.ts';
import { collectOrphanBlobs } from './tasks/collect-orphan-blobs.ts';
import { deliverHeldLetter } from './tasks/deliver-held-letter.ts';
import { expireQuarantine } from './tasks/expire-quarantine.ts';
import { forgetLetters } from './tasks/forget-letters.ts';
import { purgeFinishedRows } from './tasks/purge-outbox.ts';
import { relayLetter } from './tasks/relay-letter.ts';
import { sendAbsence } from './tasks/send-absence.ts';
import { sendLegalNotice } from './tasks/send-legal-notice.ts';
import { sendReceipt } from './tasks/send-receipt.ts';
import { sendReport } from './tasks/send-report.ts';

/** What a gateway's pipeline is started with. */
export const gatewayTasks: readonly AnyTask[] = [
  relayLetter,
  deliverHeldLetter,
  sendReport,
  sendReceipt,
  sendAbsence,
  sendLegalNotice,
  answerTestLetter,
  expireQuarantine,
  collectOrphanBlobs,
  forgetLetters,
  purgeFinishedRows,
];
