// Who may search: professionals, over a private connection. Citizens never do. Requirement 23, RFC 4513 §6.
// A mailbox that is shut meanwhile searches no more: the connection hears of it and ends (operations/bind.ts).
import type { Session } from './session.ts';
import { resultCode } from './wire/protocol.ts';
import type { Result } from './wire/write-answer.ts';

/** Before TLS, whatever is asked: nothing of anybody goes in the clear. RFC 4513 §5.1.3. */
export const confidentialityRequired: Result = {
  code: resultCode.confidentialityRequired,
  text: 'Chiffrez la connexion (StartTLS, ou le port chiffré) avant de vous identifier',
};

const bindFirst: Result = {
  code: resultCode.insufficientAccessRights,
  text: 'Identifiez-vous avec votre adresse et un mot de passe d’application',
};

/** Why the client may not search; undefined when it may. */
export function refusedToConsult(session: Session): Result | undefined {
  if (!session.isSecure) return confidentialityRequired;
  return session.account ? undefined : bindFirst;
}
