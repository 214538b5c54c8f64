// Every kind of work the gateway does later, one file each under tasks/.
import type { AnyTask } from './task.ts';
import { answerTestLetter } from './tasks/answer-test-letter.ts';
import { collectOrphanBlobs } from './tasks/collect-orphan-blobs.ts';
import { copyToDmp } from './tasks/copy-to-dmp.ts';
import { deliverHeldLetter } from './tasks/deliver-held-letter.ts';
import { expireOverdueCourses } from './tasks/expire-courses.ts';
import { expireQuarantine } from './tasks/expire-quarantine.ts';
import { forgetOldQuestions } from './tasks/forget-citizen-questions.ts';
import { forgetLetters } from './tasks/forget-letters.ts';
import { purgeFinishedRows } from './tasks/purge-outbox.ts';
import { relayLetter } from './tasks/relay-letter.ts';
import { reviewIdleBoxes } from './tasks/review-idle-boxes.ts';
import { sendAbsence } from './tasks/send-absence.ts';
import { sendHiddenNotice } from './tasks/send-hidden-notice.ts';
import { sendIdleNotice } from './tasks/send-idle-notice.ts';
import { sendIntegrationError } from './tasks/send-integration-error.ts';
import { sendLegalNotice } from './tasks/send-legal-notice.ts';
import { sendNotice } from './tasks/send-notice.ts';
import { sendReceipt } from './tasks/send-receipt.ts';
import { sendReport } from './tasks/send-report.ts';
import { showDocument } from './tasks/show-document.ts';
import { showHiddenDocuments } from './tasks/show-hidden-documents.ts';
import { synchroniseDirectory } from './tasks/synchronise-directory.ts';
import { takeCitizenFeed } from './tasks/take-citizen-feed.ts';
import { tellHiddenDocuments } from './tasks/tell-hidden-documents.ts';
import { watchTestIdentities } from './tasks/watch-test-identities.ts';

/** What a gateway's pipeline is started with. */
export const gatewayTasks: readonly AnyTask[] = [
  relayLetter,
  deliverHeldLetter,
  sendReport,
  sendReceipt,
  sendAbsence,
  sendLegalNotice,
  sendNotice,
  answerTestLetter,
  copyToDmp,
  sendIntegrationError,
  tellHiddenDocuments,
  showHiddenDocuments,
  showDocument,
  sendHiddenNotice,
  reviewIdleBoxes,
  sendIdleNotice,
  watchTestIdentities,
  synchroniseDirectory,
  takeCitizenFeed,
  expireQuarantine,
  expireOverdueCourses,
  collectOrphanBlobs,
  forgetLetters,
  forgetOldQuestions,
  purgeFinishedRows,
];
