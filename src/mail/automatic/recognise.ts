// Tells a letter written by a person from one written by a program, and from one that answers by itself: the first two open exchanges,
// nothing automatic ever answers the last. RFC 3834 §2 and §5, RFC 8098 §2.1; requirements 17, 37 and 45.
import { type Address, localPart, parseAddress } from '../../core/address.ts';
import { mailboxesOf, parseAddressList } from '../address-list.ts';
import { readContentFields } from '../content-fields.ts';
import type { Headers } from '../headers.ts';
import { parameter, parseParameterised } from '../parameters.ts';

/**
 * `generated`: written by software (a hospital's program, a list, bulk mail), a letter all the same, whose sender is told of failures.
 * `answer`: report, receipt, absence, notification; it changes no exchange and is never answered.
 */
export type Automation = 'none' | 'generated' | 'answer';

/** The two reports the house reads. */
export type ReportKind = 'delivery-status' | 'disposition-notification';

/** How automatic a letter is; of several signs the strongest counts. `returnPath` is the envelope sender, null for `<>`. */
export function automationOf(headers: Headers, returnPath: Address | null): Automation {
  if (returnPath === null || isAnswer(headers, localPart(returnPath))) return 'answer';
  return isGenerated(headers, localPart(returnPath)) ? 'generated' : 'none';
}

/** Which report a letter says it is, whole (RFC 6522 §3) or, as some programs send it, its machine part alone. */
export function reportKind(headers: Headers): ReportKind | undefined {
  const { type, subtype, params } = readContentFields(headers, false);
  const named = isMultipartReport({ type, subtype }) ? (parameter(params, 'report-type') ?? '') : type === 'message' ? subtype : '';
  const kind = named
    .trim()
    .toLowerCase()
    .replace(/^global-/, ''); // RFC 6533 §4
  return kind === 'delivery-status' || kind === 'disposition-notification' ? kind : undefined;
}

/**
 * Who asked to be told when the letter is read: one field with one address, and no condition this gateway does not know
 * (RFC 8098 §2.1 and §2.2). Whether it is also the return path is for the caller to say. Requirement 45.
 */
export function receiptRequestedBy(headers: Headers): Address | undefined {
  const asked = headers.getAll('disposition-notification-to');
  const list = parseAddressList(asked[0] ?? '');
  if (asked.length !== 1 || list.length !== 1 || list.some((entry) => 'group' in entry) || hasRequiredOption(headers)) return undefined;
  return parseAddress(mailboxesOf(asked[0] ?? '')[0]?.address ?? '');
}

function isAnswer(headers: Headers, local: string): boolean {
  const submitted = autoSubmitted(headers);
  return (
    isMultipartReport(readContentFields(headers, false)) ||
    reportKind(headers) !== undefined ||
    submitted.some((value) => value === 'auto-replied' || value === 'auto-notified') ||
    precedences(headers).includes('auto_reply') ||
    ['x-autoreply', 'x-autorespond', 'x-failed-recipients'].some((name) => isSaid(headers.get(name))) ||
    local === 'mailer-daemon'
  );
}

function isMultipartReport({ type, subtype }: { type: string; subtype: string }): boolean {
  return type === 'multipart' && subtype === 'report';
}

function isGenerated(headers: Headers, local: string): boolean {
  return (
    // RFC 3834 §5: whatever is not `no`, known or not, was not sent by hand.
    autoSubmitted(headers).some((value) => value !== 'no') ||
    precedences(headers).some((value) => value === 'bulk' || value === 'list' || value === 'junk') ||
    headers.fields.some(({ name }) => name.startsWith('list-')) ||
    /\b(?:all|oof|autoreply)\b/i.test(headers.get('x-auto-response-suppress') ?? '') ||
    local.startsWith('owner-') ||
    local.endsWith('-request')
  );
}

/** The leading words, without parameters and comments. */
function autoSubmitted(headers: Headers): string[] {
  return headers
    .allBinary('auto-submitted')
    .map((value) => parseParameterised(value).value)
    .filter((value) => value !== '');
}

function precedences(headers: Headers): string[] {
  return headers.allBinary('precedence').map((value) => parseParameterised(value).value.replace('-', '_'));
}

function isSaid(value: string | undefined): boolean {
  return value !== undefined && !/^(?:|no|false|0)$/i.test(value.trim());
}

/** RFC 8098 §2.2: who does not understand a required parameter may not answer « displayed ». None is understood here. */
function hasRequiredOption(headers: Headers): boolean {
  return headers.getAll('disposition-notification-options').some((value) => /=\s*required\b/i.test(value));
}
