// The controls of a request: which are obeyed, which are ignored, which cannot be. RFC 4511 §4.1.11, RFC 2696.
import { BerElements } from '../wire/ber-elements.ts';
import { controlOid, resultCode } from '../wire/protocol.ts';
import { LdapProtocolError } from '../wire/protocol-error.ts';
import type { RequestControl } from '../wire/read-message.ts';
import type { Result } from '../wire/write-answer.ts';

/** A page, as asked. A size of 0 with a cookie gives the search up. */
export type AskedPage = { readonly size: number; readonly cookie: Buffer };

const maxPageSize = 2_147_483_647;

/** A refusal when a control must be obeyed and is not one of `obeyed`: sorting and virtual lists, among others. */
export function refusedControls(controls: readonly RequestControl[], obeyed: readonly string[]): Result | undefined {
  const isUnknown = controls.some(({ isCritical, oid }) => isCritical && oid !== controlOid.manageDsaIt && !obeyed.includes(oid));
  return isUnknown
    ? { code: resultCode.unavailableCriticalExtension, text: 'Cet annuaire ne sait pas répondre comme votre logiciel l’exige' }
    : undefined;
}

/** The page that is asked for, if one is. Throws LdapProtocolError when the control cannot be read, or stands there twice. */
export function readPage(controls: readonly RequestControl[]): AskedPage | undefined {
  const [control, ...others] = controls.filter(({ oid }) => oid === controlOid.pagedResults);
  if (!control) return undefined;
  if (others.length > 0 || !control.value) throw new LdapProtocolError('The control of pages stands once, with a value');
  const whole = new BerElements(control.value);
  const elements = whole.inside();
  whole.end();
  const page = { size: elements.integer(0, maxPageSize), cookie: elements.octets() };
  elements.end();
  return page;
}
