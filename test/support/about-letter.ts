// A letter that was taken, as automatic letters about it know it. Tests replace what matters to them.
import { randomBytes } from 'node:crypto';

import { newId } from '../../src/core/ids.ts';
import type { AboutLetter, AnswerableLetter } from '../../src/delivery/about-letter.ts';
import { address } from './address.ts';

/** Each call makes another letter, from a doctor unless told otherwise. */
export function aboutLetter<Others extends Partial<AboutLetter>>(others?: Others): AnswerableLetter & Others;
export function aboutLetter(others: Partial<AboutLetter> = {}): AboutLetter {
  const arrivalId = newId();
  return {
    arrivalId,
    sender: address('lea.martin@medecin.test.mssante.fr'),
    isAnswer: others.sender === null,
    receivedAt: new Date(),
    messageId: `<${arrivalId}@medecin.test>`,
    fingerprint: randomBytes(32),
    receivedFrom: 'client.test',
    headers: Buffer.from(`Message-ID: <${arrivalId}@medecin.test>\r\nSubject: Essai\r\n\r\n`),
    ...others,
  };
}
