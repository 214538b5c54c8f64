// Bind: who is asking. A password of mail software, over TLS only; no name and no password for whoever wants to know the server alone.
// RFC 4511 §4.2, RFC 4513 §5.
import { setTimeout as wait } from 'node:timers/promises';
import { insOf } from '../../../directory/citizen-addresses.ts';
import { type Address, parseAddress } from '../../core/address.ts';
import { countIn, countOut } from '../bound-connections.ts';
import { parseDn } from '../distinguished-name.ts';
import { ends, type OperationContext, type OperationOutcome, type RunOperation } from '../operation.ts';
import { refusedControls } from '../search/search-controls.ts';
import type { Tree } from '../tree.ts';
import { confidentialityRequired } from '../who-may-consult.ts';
import { resultCode } from '../wire/protocol.ts';
import type { BindRequest } from '../wire/read-message.ts';
import { success } from '../wire/write-answer.ts';

/** RFC 4511 §4.2. */
export const bind: RunOperation<BindRequest> = async ({ version, name, credential }, context) => {
  const { session } = context;
  // Whatever comes of it, who was there before is not there any more. RFC 4511 §4.2.1.
  session.logOut();
  const refused = refusedControls(context.controls, []);
  if (refused) return { result: refused };
  if (version !== 3) return ends(resultCode.protocolError, 'LDAP version 3 only');
  // EXTERNAL will stand here, with the client certificates of APP mailboxes (RFC 4513 §5.2.3).
  if (credential.by === 'sasl')
    return ends(resultCode.authMethodNotSupported, 'Identifiez-vous par une adresse et un mot de passe (bind simple)');
  if (name === '' && credential.password === '') return { result: success };
  if (!session.isSecure) return { result: confidentialityRequired };
  // A name alone proves nothing, and some programs take the answer for a proof. RFC 4513 §5.1.2.
  if (credential.password === '') return ends(resultCode.unwillingToPerform, 'Le mot de passe manque');
  return logIn(name, credential.password, context);
};

async function logIn(name: string, password: string, context: OperationContext): Promise<OperationOutcome> {
  const { services, session } = context;
  const login = loginOf(services.tree, name);
  // Before the password is looked at: this door is no place to try a citizen's, nor to activate their mailbox.
  if (login && insOf(login, services.citizensDomain)) {
    return ends(resultCode.insufficientAccessRights, 'Cet annuaire est réservé aux professionnels de santé');
  }
  const account = login && (await services.authenticate(login, password));
  services.events.bound(account !== undefined);
  // A mailbox that is shut is told nothing else than a wrong password is.
  if (!account) return refuse(context);
  const { address } = account;
  const share = countIn(services, address);
  if (!share) return ends(resultCode.busy, 'Trop de connexions à l’annuaire avec cette adresse');
  const stopWatching = services.watchAccount(address, () => context.end('Votre boîte aux lettres n’est plus ouverte'));
  session.logIn(account, share.searches, () => {
    stopWatching();
    countOut(services, address);
  });
  return { result: success };
}

async function refuse({ services, session, signal }: OperationContext): Promise<OperationOutcome> {
  session.refusedBinds += 1;
  await wait(services.limits.refusedBindDelayMs, undefined, { signal });
  if (session.refusedBinds >= services.limits.maxRefusedBinds) session.end('Trop d’identifications refusées');
  return ends(resultCode.invalidCredentials, 'Adresse ou mot de passe refusé');
}

/** The address in a name: bare, as Outlook's users type it, or that of an entry of professionals. */
function loginOf(tree: Tree, name: string): Address | undefined {
  const bare = parseAddress(name);
  const dn = bare ? undefined : parseDn(name);
  const place = dn && tree.placeOf(dn);
  return place?.is === 'professional' ? place.address : bare;
}
