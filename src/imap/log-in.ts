// The end of LOGIN and AUTHENTICATE alike: the credential is checked, connections are counted, refusals are slowed down. RFC 3501 §6.2.2.
import { setTimeout as wait } from 'node:timers/promises';
import { capabilities } from './capabilities.ts';
import { type CommandContext, no, ok, type Reply } from './command.ts';
import type { ImapServices } from './services.ts';

/** Tries a login and a password and says how it went. A third refusal ends the connection. */
export async function logIn({ services, session }: CommandContext, login: string, password: string): Promise<Reply> {
  const account = await services.authenticate(login, password);
  services.events.loggedIn(account !== undefined);
  if (!account) {
    session.refusedLogins += 1;
    await wait(services.limits.refusedLoginDelayMs);
    if (session.refusedLogins >= services.limits.maxRefusedLogins) session.end('Trop d’identifications refusées');
    return no('Identifiant ou mot de passe refusé', 'AUTHENTICATIONFAILED');
  }
  const connections = services.loggedIn.get(account.mailboxId) ?? 0;
  if (connections >= services.limits.maxConnectionsPerMailbox) return no('Trop de connexions à cette boîte', 'LIMIT');
  services.loggedIn.set(account.mailboxId, connections + 1);
  session.logIn(account);
  return ok('Logged in', `CAPABILITY ${capabilities(session)}`);
}

/** What to answer before TLS, whatever the credential. RFC 3501 §6.2.3, RFC 5530 §3 (PRIVACYREQUIRED). */
export const privacyRequired: Reply = no('Chiffrez la connexion avant de vous identifier (STARTTLS)', 'PRIVACYREQUIRED');

/** A connection of that mailbox is over. */
export function countOut(services: ImapServices, mailboxId: number): void {
  const others = (services.loggedIn.get(mailboxId) ?? 1) - 1;
  if (others > 0) services.loggedIn.set(mailboxId, others);
  else services.loggedIn.delete(mailboxId);
}
