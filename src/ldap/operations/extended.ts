// Extended operations but for StartTLS, which is the connection's own affair. RFC 4511 §4.12, RFC 4532.
import { ends, type RunOperation } from '../operation.ts';
import { refusedControls } from '../search/search-controls.ts';
import { extensionOid, resultCode } from '../wire/protocol.ts';
import type { LdapOperation } from '../wire/read-message.ts';
import { success } from '../wire/write-answer.ts';

/** RFC 4511 §4.12. */
export const extended: RunOperation<Extract<LdapOperation, { is: 'extended' }>> = ({ oid }, { controls, services, session }) => {
  const refused = refusedControls(controls, []);
  if (refused) return { result: refused };
  if (oid === extensionOid.whoAmI) {
    const value = session.account ? `dn:${services.tree.professionalDn(session.account.address)}` : '';
    return { result: success, extras: { extension: { value } } };
  }
  return ends(resultCode.protocolError, 'No such extended operation');
};
