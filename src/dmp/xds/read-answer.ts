// From an HTTP answer to the element that SOAP carries, or to why there is none. A fault speaks of the exchange, not of the document:
// a clock, a certificate, an address, all for the operator to mend, so the work stays for later. SOAP 1.2 part 1 §5.4, WS-Security 1.1 §12.
import { DocumentsProblem } from '../../mail/documents/documents-problem.ts';
import type { RecordFailure } from '../connector.ts';
import { envelopeOf } from './answer-parts.ts';
import { type AnswerElement, readTree, within } from './answer-tree.ts';
import type { HttpAnswer } from './record-server.ts';

/** What stands in the body of the answer to `messageId`. */
export type Heard = { readonly do: 'heard'; readonly content: AnswerElement };

/** Reads the answer to the request of that id. */
export async function readAnswer({ status, contentType, body }: HttpAnswer, messageId: string): Promise<Heard | RecordFailure> {
  // The one status that speaks of what was sent.
  if (status === 413) return { do: 'refused', code: 'http-413' };
  const envelope = await treeOf(contentType, body);
  const content = within(envelope, 'Body')?.children[0];
  if (content?.name === 'Fault') return later(faultOf(content));
  if (status !== 200) return later(`http-${status}`);
  if (envelope?.name !== 'Envelope' || !content) return later('unreadable-answer');
  const relatesTo = within(envelope, 'Header', 'RelatesTo')?.text;
  // Another request's answer must not settle this one's document.
  if (relatesTo !== undefined && relatesTo !== messageId) return later('answer-to-something-else');
  return { do: 'heard', content };
}

async function treeOf(contentType: string, body: Buffer): Promise<AnswerElement | undefined> {
  const xml = envelopeOf(contentType, body);
  if (!xml) return undefined;
  try {
    return await readTree(xml);
  } catch (error) {
    if (error instanceof DocumentsProblem) return undefined;
    throw error;
  }
}

const security = new Set([
  'FailedAuthentication',
  'FailedCheck',
  'InvalidSecurity',
  'InvalidSecurityToken',
  'MessageExpired',
  'SecurityTokenUnavailable',
  'UnsupportedAlgorithm',
  'UnsupportedSecurityToken',
]);

function faultOf(fault: AnswerElement): string {
  const code = within(fault, 'Code');
  const [value, subcode] = [within(code, 'Value'), within(code, 'Subcode', 'Value')].map((found) => found?.text.split(':').at(-1) ?? '');
  if (security.has(subcode ?? '')) return 'fault-security';
  return value === 'Sender' ? 'fault-sender' : 'fault-receiver';
}

function later(because: string): RecordFailure {
  return { do: 'later', because };
}
