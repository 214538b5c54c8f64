// From what a command threw to what its client hears. The one place where errors become IMAP answers. RFC 3501 §7.1, RFC 5530 §3.
import { RefusedError } from '../core/errors.ts';
import { isUnavailable } from '../database/is-unavailable.ts';
import { bad, no, type Reply } from './command.ts';
import { ImapSyntaxError } from './wire/imap-syntax-error.ts';
import { StreamEndedError } from './wire/stream-ended-error.ts';

/** `isOurs`: to be logged. `isGone`: nobody is left to answer. */
export type FailedCommand = { readonly reply: Reply; readonly isOurs: boolean; readonly isGone: boolean };

/** Reads an error as an answer; it never repeats the error's own words unless they were written for the peer. */
export function failedCommand(error: unknown): FailedCommand {
  if (error instanceof ImapSyntaxError) return { reply: bad(error.message), isOurs: false, isGone: false };
  if (error instanceof RefusedError) return { reply: no(error.publicText), isOurs: false, isGone: false };
  if (error instanceof StreamEndedError) return { reply: no('Connexion interrompue'), isOurs: false, isGone: true };
  if (isUnavailable(error)) {
    return { reply: no('Service momentanément indisponible, réessayez dans un instant', 'UNAVAILABLE'), isOurs: true, isGone: false };
  }
  return { reply: no('Erreur interne, elle a été signalée', 'SERVERBUG'), isOurs: true, isGone: false };
}
