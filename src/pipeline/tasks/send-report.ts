// Tells the sender of a letter what became of it for one or several recipients. RFC 3464, requirements 36 and 46.
// Twice is harmless: the report's delivery settles its row in the same transaction, and a settled row delivers nothing more.
import type { z } from 'zod';
import { reportPayload, reportRowKind } from '../../delivery/automatic-letters.ts';
import { composeReport } from '../../mail/automatic/compose-report.ts';
import { answering } from '../answering.ts';
import { automaticRetry, deliverAutomatic } from '../deliver-automatic.ts';
import { reportWords } from '../report-words.ts';
import { serviceName } from '../service-name.ts';
import { type TaskContext, task } from '../task.ts';

/** To the return path of the letter that is reported on. */
export const sendReport = task({
  name: reportRowKind,
  payload: reportPayload,
  lane: 'here',
  retry: automaticRetry,
  run: (context, payload) => deliverAutomatic(context, payload.to, compose(context, payload)),
});

function compose(context: TaskContext, { to, about, headers, recipients }: z.output<typeof reportPayload>): Buffer {
  return composeReport({
    ...answering(context, { name: serviceName, address: context.postmaster }, to, about),
    reportingMta: context.hostname,
    receivedFrom: about.receivedFrom,
    arrivalDate: new Date(about.receivedAt),
    ...(about.envelopeId !== undefined && { envelopeId: about.envelopeId }),
    recipients: recipients.map(({ address, originalRecipient, action, status, code, diagnostic }) => ({
      final: address,
      ...(originalRecipient !== undefined && { original: originalRecipient }),
      action,
      status,
      ...(code !== undefined && { code }),
      ...reportWords(code),
      ...(diagnostic !== undefined && { diagnostic: `smtp; ${diagnostic}` }),
    })),
    originalHeaders: Buffer.from(headers, 'base64'),
  });
}
