// The parameters of RFC 3461 on MAIL and RCPT, read strictly: what is wrong is 501, as a report that cannot name its letter is
// worse than a client that hears of its mistake. Requirement 46.
import type { SMTPServerAddress } from 'smtp-server';
import type { Arrival, EnvelopeRecipient, Notify } from '../delivery/arrival.ts';

/** Bounds of the texts on the wire. RFC 3461 §4.2, §4.4. */
const longestEnvelopeId = 100;
const longestOriginalRecipient = 500;

/** `xchar / hexchar`: printable but `+` and `=`, or two upper-case digits after a `+`. RFC 3461 §4. */
const xtext = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/;
const printable = /^[ -~]+$/;
/** RFC 3461 §4.3. */
const returnedBy: Readonly<Record<string, 'full' | 'headers'>> = { FULL: 'full', HDRS: 'headers' };
/** `addr-type ";"`, the type being an atom; no parameter of ESMTP holds a `=`. */
const addressType = /^[A-Za-z0-9!#$%&'*+/?^_`{|}~-]+;/;

/** What MAIL says: RET, and ENVID decoded. Undefined when something is malformed. */
export function readMailDsn({ args }: SMTPServerAddress): Pick<Arrival, 'envelopeId' | 'returned'> | undefined {
  const { RET: amount, ENVID: text } = args || {};
  const returned = returnedBy[String(amount).toUpperCase()];
  const envelopeId = text === undefined ? undefined : decodeXtext(text, longestEnvelopeId);
  if ((amount !== undefined && !returned) || (text !== undefined && envelopeId === undefined)) return undefined;
  return { ...(envelopeId !== undefined && { envelopeId }), ...(returned && { returned }) };
}

/** What RCPT says: NOTIFY and ORCPT, decoded. Undefined when something is malformed. */
export function readRecipientDsn({ args }: SMTPServerAddress): Pick<EnvelopeRecipient, 'notify' | 'originalRecipient'> | undefined {
  const { NOTIFY: wishes, ORCPT: original } = args || {};
  const notify = wishes === undefined ? undefined : readNotify(String(wishes));
  const originalRecipient = original === undefined ? undefined : readOriginalRecipient(String(original));
  if ((wishes !== undefined && notify === undefined) || (original !== undefined && originalRecipient === undefined)) return undefined;
  return { ...(notify && { notify }), ...(originalRecipient !== undefined && { originalRecipient }) };
}

/** NEVER alone, or a list of the others. RFC 3461 §4.1. */
function readNotify(text: string): Notify | undefined {
  const wishes = text.toLowerCase().split(',');
  if (wishes.length === 1 && wishes[0] === 'never') return 'never';
  const known = (['success', 'failure', 'delay'] as const).filter((wish) => wishes.includes(wish));
  return known.length === new Set(wishes).size ? known : undefined;
}

function readOriginalRecipient(text: string): string | undefined {
  const type = addressType.exec(text)?.[0];
  if (type === undefined || text.length > longestOriginalRecipient) return undefined;
  const address = decodeXtext(text.slice(type.length), longestOriginalRecipient);
  return address === undefined ? undefined : `${type}${address}`;
}

/** Printable ASCII alone: the text goes into fields of a report, where anything else would be a field more. */
function decodeXtext(text: string | true, longest: number): string | undefined {
  if (text === true || text.length > longest || !xtext.test(text)) return undefined;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_escaped, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return printable.test(decoded) ? decoded : undefined;
}
