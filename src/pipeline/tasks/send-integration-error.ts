// Tells the sender of a letter why a document of it was not copied into the national record. Requirements 44 and 54; domain.md §3.5.
// Twice is harmless: the mail's delivery settles its row in the same transaction, and the row's id is drawn from letter and document.
import type { z } from 'zod';
import { findBlob } from '../../../mailboxes/blobs/hold-blobs.ts';
import type { BlobRef } from '../../../mailboxes/blobs/stored-blob.ts';
import { bytesOfBlob } from '../../delivery/letter-bytes.ts';
import { integrationErrorPayload, integrationErrorRowKind } from '../../delivery/record-copies.ts';
import { failureWords } from '../../dmp/copy-words.ts';
import { integrationCode } from '../../dmp/integration-codes.ts';
import {
  composeIntegrationMail,
  composeIntegrationReceipt,
  type GivenBack,
  type IntegrationError,
} from '../../mail/automatic/compose-integration-error.ts';
import { parseHeaders } from '../../mail/headers.ts';
import { indexBytes } from '../../mail/index-bytes.ts';
import { answering } from '../answering.ts';
import { automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { withoutMessage } from '../events.ts';
import { quoteHeader, quoteLetter } from '../quote-letter.ts';
import { serviceName } from '../service-name.ts';
import { type TaskContext, task } from '../task.ts';

type Payload = z.output<typeof integrationErrorPayload>;

/** To the return path of the letter, in the gateway's name. */
export const sendIntegrationError = task({
  name: integrationErrorRowKind,
  payload: integrationErrorPayload,
  lane: 'here',
  retry: automaticRetry,
  run: async (context, payload) => {
    const blob = await findBlob(context.db, payload.blobId);
    const mail = payload.wantsReceipt ? await receiptOf(context, payload, blob) : await mailOf(context, payload, blob);
    return deliverAutomatic(context, payload.to, mail);
  },
});

async function receiptOf(context: TaskContext, payload: Payload, blob: BlobRef | undefined): Promise<Buffer> {
  const original = blob && (await quoteLetter(context, blob));
  return composeIntegrationReceipt({
    ...(await errorOf(context, payload, blob)),
    reportingUa: `${context.hostname}; Passerelle`,
    finalRecipient: context.postmaster,
    originalMessageId: payload.about.messageId,
    original: original ?? { headers: Buffer.alloc(0) },
  });
}

async function mailOf(context: TaskContext, payload: Payload, blob: BlobRef | undefined): Promise<AsyncIterable<Buffer>> {
  return composeIntegrationMail(await errorOf(context, payload, blob), blob && (await readableLetter(context, blob)));
}

async function errorOf(context: TaskContext, { about, to, code }: Payload, blob: BlobRef | undefined): Promise<IntegrationError> {
  const headers = parseHeaders(blob ? await quoteHeader(context, blob) : Buffer.alloc(0));
  return {
    ...answering(context, { name: serviceName, address: context.postmaster }, to, about),
    failure: { code: integrationCode(code), ...failureWords(code) },
    takenAt: new Date(about.receivedAt),
    originalSubject: headers.decoded('subject'),
  };
}

/** Undefined when the bytes cannot be read to their end: the mail is owed all the same, and leaves without attachments. */
async function readableLetter({ blobs, events, rowId }: TaskContext, blob: BlobRef): Promise<GivenBack | undefined> {
  const bytes = bytesOfBlob(blobs, blob);
  try {
    return { part: (await indexBytes(bytes)).part, bytes };
  } catch (error) {
    events.taskCrashed({ task: integrationErrorRowKind, rowId, ...withoutMessage(error) });
    return undefined;
  }
}
