// The IMAP ENVELOPE of a letter, rendered once when it is indexed. RFC 3501 §7.4.2, RFC 9051 §7.5.2.
import { type ListedMailbox, parseAddressList } from './address-list.ts';
import type { Headers } from './headers.ts';
import { imapString } from './imap-string.ts';

/** Room for one list, some 1,500 addresses: what comes after is left to the header itself, so that a letter cannot swell its own index. */
const maxListBytes = 64 * 1024;

/** What a letter without any header says: ten times NIL. */
export const emptyEnvelope = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';

/**
 * `(date subject from sender reply-to to cc bcc in-reply-to message-id)`, one character per byte. Dates and subjects stand as written,
 * encoded words included; an absent or empty Sender or Reply-To repeats From.
 */
export function renderEnvelope(headers: Headers): string {
  const from = addresses(headers, 'from');
  const fallback = (list: string): string => (list === 'NIL' ? from : list);
  const fields = [
    imapString(headers.binary('date')),
    imapString(headers.binary('subject')),
    from,
    fallback(addresses(headers, 'sender')),
    fallback(addresses(headers, 'reply-to')),
    addresses(headers, 'to'),
    addresses(headers, 'cc'),
    addresses(headers, 'bcc'),
    imapString(headers.binary('in-reply-to')),
    imapString(headers.binary('message-id')),
  ];
  return `(${fields.join(' ')})`;
}

function addresses(headers: Headers, name: string): string {
  const text = headers.allBinary(name).join(', ');
  if (text === '') return 'NIL';
  let list = '';
  for (const entry of parseAddressList(text)) {
    const rendered = 'group' in entry ? group(entry.group, entry.members) : mailbox(entry);
    if (list.length + rendered.length > maxListBytes) break;
    list += rendered;
  }
  return list === '' ? 'NIL' : `(${list})`;
}

function group(name: string, members: readonly ListedMailbox[]): string {
  return `(NIL NIL ${imapString(name)} NIL)${members.map(mailbox).join('')}(NIL NIL NIL NIL)`;
}

/** A missing domain is an empty string: NIL there would mean a group. */
function mailbox({ name, route, local, domain }: ListedMailbox): string {
  return `(${imapString(name)} ${imapString(route)} ${imapString(local)} ${imapString(domain)})`;
}
