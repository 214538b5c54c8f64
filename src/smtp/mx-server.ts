// The door between operators. Nobody writes through it without TLS and a certificate of the trust space, and nobody writes
// under a domain that is not bound to that certificate. Requirements 8, 11, 12, 14, 17.
import { constants } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server';
import { isPeerAllowed, isPeerListed, type PeerTable, peerName } from '../../certs/peer-identity.ts';
import { domainOf, parseAddress } from '../core/address.ts';
import { systemClock } from '../core/clock.ts';
import { type DoorOptions, defaultLimits, type SmtpDoor } from './door-options.ts';
import { Reception } from './reception.ts';
import { ReplyError, replyForRefusal } from './replies.ts';
import { StrictServer } from './strict-server.ts';

/** What the door between operators needs beyond the rest. */
export type MxOptions = DoorOptions & {
  /** PEM certificates of the only authority whose client certificates are taken. */
  readonly authority: string;
  /** Envelope domain → certificate names that may present it. */
  readonly peers: PeerTable;
};

/** RFC 5321 §4.5.3.1.4 gives 512 bytes plus what extensions add; peers need no more than this. */
const maxLineBytes = 2048;

/** Opens the door; throws at once without an authority or with an empty table: there is no open door. */
export async function openMx(options: MxOptions): Promise<SmtpDoor> {
  if (options.authority.trim() === '') throw new Error('The MX door needs the certificate of the authority that peers belong to');
  if (options.peers.size === 0) throw new Error('The MX door needs at least one peer: an envelope domain and its certificate name');
  const limits = { ...defaultLimits, ...options.limits };
  const { delivery, hostname, log, maxLetterBytes } = options;
  const reception = new Reception({ door: 'mx', hostname, maxLetterBytes, delivery, log, clock: options.clock ?? systemClock });
  // Kept apart from the session object, which is smtp-server's and lives as long as the connection.
  const names = new WeakMap<SMTPServerSession, string>();

  const mail = async (session: SMTPServerSession, sender: SMTPServerAddress) => {
    const certificateName = names.get(session);
    const address = parseAddress(sender.address);
    // Requirement 17: the null sender has no domain to bind, so being any listed peer is enough.
    const isAllowed =
      certificateName !== undefined &&
      (address ? isPeerAllowed(domainOf(address), certificateName, options.peers) : isPeerListed(certificateName, options.peers));
    if (!isAllowed) return replyForRefusal('sender-not-listed');
    return reception.mail(session, sender, { certificateName });
  };

  const server = new StrictServer(
    {
      limits,
      maxLineBytes,
      maxLetterBytes,
      offersAuth: false,
      isAdmitted: (connection) => connection.secure,
      takeLetter: (session, stream) => reception.letter(session, stream),
    },
    log,
    {
      name: hostname,
      authOptional: true,
      key: options.tls.key,
      cert: options.tls.cert,
      ca: options.authority,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      // A resumed session would skip the look at the certificate, which may have been withdrawn since.
      secureOptions: constants.SSL_OP_NO_TICKET,
      onSecure: (socket, session, callback) => {
        const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
        const name = certificate && peerName(certificate);
        if (name === undefined) return callback(new ReplyError(replyForRefusal('sender-not-listed')));
        names.set(session, name);
        reception.secured(session, socket);
        callback();
      },
      onMailFrom: (address, session, callback) => {
        mail(session, address).then((refusal) => callback(refusal && new ReplyError(refusal)), callback);
      },
      onRcptTo: (address, session, callback) => {
        reception.rcpt(session, address).then((refusal) => callback(refusal && new ReplyError(refusal)), callback);
      },
    },
  );
  const port = await server.open(options.listen);
  return { port, connections: () => server.connections.size, close: () => server.shutDown() };
}
