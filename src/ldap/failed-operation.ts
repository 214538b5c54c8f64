// From what an operation threw to what its client hears. The one place where errors become LDAP results. RFC 4511 appendix A.
import { RefusedError } from '../core/errors.ts';
import { isUnavailable } from '../database/is-unavailable.ts';
import { resultCode } from './wire/protocol.ts';
import { LdapProtocolError } from './wire/protocol-error.ts';
import type { Result } from './wire/write-answer.ts';

/** `isOurs`: to be logged. */
export type FailedOperation = { readonly result: Result; readonly isOurs: boolean };

/** Reads an error as a result; it never repeats the error's own words unless they were written for the peer. */
export function failedOperation(error: unknown): FailedOperation {
  if (error instanceof LdapProtocolError) return { result: { code: resultCode.protocolError, text: error.message }, isOurs: false };
  if (error instanceof RefusedError) return { result: { code: resultCode.unwillingToPerform, text: error.publicText }, isOurs: false };
  if (isUnavailable(error)) {
    return {
      result: { code: resultCode.unavailable, text: 'Service momentanément indisponible, réessayez dans un instant' },
      isOurs: true,
    };
  }
  return { result: { code: resultCode.other, text: 'Erreur interne, elle a été signalée' }, isOurs: true };
}
