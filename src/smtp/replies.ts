// Every answer the SMTP doors give in words of ours, mapped once: verdicts, outcomes and errors. RFC 5321 §4.2, RFC 3463.
// The code and text of a refusal come from policies/verdict.ts; nothing here names a rule, a table or a host.
import { deferrals, type RefusalCode, refusals, type Verdict } from '../../policies/verdict.ts';
import { asciiText } from '../core/ascii-text.ts';
import { RefusedError, UnavailableError } from '../core/errors.ts';
import type { Outcome } from '../delivery/arrival.ts';

/** One reply line: its three digits, and `enhanced-status text` in ASCII. */
export type Reply = { readonly code: number; readonly text: string };

/** A reply as smtp-server's callbacks want it. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly responseCode: number;
  constructor(reply: Reply) {
    super(reply.text);
    this.responseCode = reply.code;
  }
}

function reply(code: number, status: string, text: string): Reply {
  return { code, text: `${status} ${asciiText(text)}` };
}

/** The answers that follow from the protocol and not from a verdict. */
export const protocolReplies = {
  earlyTalker: reply(554, '5.5.0', "Commande envoyée avant l'accueil du serveur"),
  tooManyConnections: reply(421, '4.3.2', 'Trop de connexions, réessayez dans un instant'),
  tooManyErrors: reply(421, '4.7.0', "Trop d'erreurs, fermeture de la connexion"),
  timeout: reply(421, '4.4.2', 'Délai dépassé, fermeture de la connexion'),
  shuttingDown: reply(421, '4.3.2', 'Le service redémarre, réessayez dans un instant'),
  tlsFirst: reply(530, '5.7.0', "Lancez d'abord STARTTLS"),
  authFirst: reply(530, '5.7.0', "Identifiez-vous d'abord"),
  tlsBeforeAuth: reply(538, '5.7.11', "Chiffrez d'abord la connexion avec STARTTLS"),
  bareLineFeed: reply(521, '5.5.2', 'Une ligne finit par CR LF'),
  lineTooLong: reply(500, '5.5.2', 'Ligne trop longue'),
  badHelloName: reply(501, '5.5.4', 'Nom de machine attendu'),
  dsnMalformed: reply(501, '5.5.4', "Paramètre de demande d'avis mal formé"),
  unknownParameter: reply(555, '5.5.4', 'Paramètre inconnu'),
  needsRecipient: reply(503, '5.5.1', 'Aucun destinataire accepté'),
  senderMalformed: reply(501, '5.1.7', "L'adresse de l'expéditeur n'est pas valable"),
  credentialsWrong: reply(535, '5.7.8', 'Identifiant ou mot de passe incorrect'),
  credentialsUnavailable: reply(454, '4.7.0', 'Authentification momentanément indisponible, réessayez'),
  tooManyAttempts: reply(421, '4.7.0', "Trop d'essais, fermeture de la connexion"),
} as const satisfies Record<string, Reply>;

/** The answer to a refusal known by its code. */
export function replyForRefusal(code: RefusalCode): Reply {
  const refusal = refusals[code];
  return reply(refusal.reply, refusal.status, refusal.text);
}

/** The answer to the judge's verdict; undefined when it is yes. A letter to be reported or held is taken: its sender hears of it by mail. */
export function replyForVerdict(verdict: Verdict): Reply | undefined {
  if (verdict.do === 'refuse') return replyForRefusal(verdict.code);
  if (verdict.do !== 'defer') return undefined;
  const deferral = deferrals[verdict.code];
  return reply(deferral.reply, deferral.status, deferral.text);
}

/** The answer to a whole letter. The 250 names the arrival, so that two operators can speak of one letter. */
export function replyForOutcome(outcome: Outcome, arrivalId: string): Reply {
  const accepted = reply(250, '2.6.0', `Message accepté, référence ${arrivalId}`);
  return outcome.do === 'accepted' ? accepted : (replyForVerdict(outcome) ?? accepted);
}

/** The answer to something thrown: the peer's fault is told, everything else is 451. Our own bug must never bounce a letter. */
export function replyForError(error: unknown): Reply {
  if (error instanceof RefusedError) {
    if (Object.hasOwn(refusals, error.code)) return replyForRefusal(error.code as RefusalCode);
    return reply(550, '5.7.1', error.publicText);
  }
  const later = deferrals['try-later'];
  return reply(later.reply, later.status, later.text);
}

/** True when the error is one the peers may be told about; false when it is to be logged as a bug. */
export function isExpected(error: unknown): boolean {
  return error instanceof RefusedError || error instanceof UnavailableError;
}
