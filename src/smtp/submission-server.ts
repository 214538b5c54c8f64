// The door of the people hosted here: their mail program signs in over TLS, then hands letters over.
// RFC 6409 (submission), RFC 8314 §3.3 (implicit TLS), RFC 4954 (AUTH). Requirement 55 for the order TLS, AUTH, MAIL.
import { setTimeout as wait } from 'node:timers/promises';
import type { SMTPServerAuthentication, SMTPServerSession } from 'smtp-server';
import type { Account } from '../accounts/account.ts';
import { systemClock } from '../core/clock.ts';
import { UnavailableError } from '../core/errors.ts';
import { type DoorOptions, defaultLimits, type Listen, type SmtpDoor } from './door-options.ts';
import { errorTrace } from './error-trace.ts';
import { Reception } from './reception.ts';
import { protocolReplies, type Reply, ReplyError } from './replies.ts';
import { StrictServer } from './strict-server.ts';

/** What the submission door needs beyond the rest. */
export type SubmissionOptions = DoorOptions & {
  /** A second listener that speaks TLS from the first byte. */
  readonly listenTls?: Listen;
  /** Undefined means: no such login, or not this password. */
  readonly authenticate: (login: string, password: string) => Promise<Account | undefined>;
  /** How long a wrong password waits for its answer, in milliseconds. */
  readonly failureDelayMs?: number;
};

/** An open submission door. `tlsPort` is there when `listenTls` was given. */
export type SubmissionDoor = SmtpDoor & { readonly tlsPort?: number };

/** RFC 4954 §4: an AUTH line may be this long. */
const maxLineBytes = 12_288;
const maxAttempts = 3;

/** Opens the door on one or two ports. */
export async function openSubmission(options: SubmissionOptions): Promise<SubmissionDoor> {
  const plain = makeServer(options, false);
  const port = await plain.open(options.listen);
  if (!options.listenTls) return { port, connections: () => plain.connections.size, close: () => plain.shutDown() };
  const encrypted = makeServer(options, true);
  let tlsPort: number;
  try {
    tlsPort = await encrypted.open(options.listenTls);
  } catch (error) {
    await plain.shutDown();
    throw error;
  }
  return {
    port,
    tlsPort,
    connections: () => plain.connections.size + encrypted.connections.size,
    close: async () => {
      await Promise.all([plain.shutDown(), encrypted.shutDown()]);
    },
  };
}

function makeServer(options: SubmissionOptions, isImplicitTls: boolean): StrictServer {
  const limits = { ...defaultLimits, ...options.limits };
  const { delivery, hostname, log, maxLetterBytes } = options;
  const reception = new Reception({ door: 'submission', hostname, maxLetterBytes, delivery, log, clock: options.clock ?? systemClock });
  const accounts = new WeakMap<SMTPServerSession, Account>();
  const failures = new WeakMap<SMTPServerSession, number>();

  const authenticate = async (auth: SMTPServerAuthentication, session: SMTPServerSession): Promise<Account | Reply> => {
    const login = auth.method === 'PLAIN' ? (auth.authcid ?? '') : (auth.username ?? '');
    // RFC 4616 §2: nobody acts for somebody else through this door.
    const isSelf = !auth.authzid || auth.authzid === login;
    try {
      const account = isSelf && login !== '' && auth.password ? await options.authenticate(login, auth.password) : undefined;
      if (account) return account;
    } catch (error) {
      if (!(error instanceof UnavailableError)) log.error({ door: 'submission', error: errorTrace(error) }, 'smtp authentication failed');
      return protocolReplies.credentialsUnavailable;
    }
    const count = (failures.get(session) ?? 0) + 1;
    failures.set(session, count);
    await wait(options.failureDelayMs ?? 1000, undefined, { ref: false });
    return count >= maxAttempts ? protocolReplies.tooManyAttempts : protocolReplies.credentialsWrong;
  };

  return new StrictServer(
    {
      limits,
      maxLineBytes,
      maxLetterBytes,
      offersAuth: true,
      isAdmitted: (connection) => Boolean(connection.session.user),
      takeLetter: (session, stream) => reception.letter(session, stream),
    },
    log,
    {
      name: hostname,
      secure: isImplicitTls,
      key: options.tls.key,
      cert: options.tls.cert,
      minVersion: 'TLSv1.2',
      authMethods: ['PLAIN', 'LOGIN'],
      authRequiredMessage: protocolReplies.authFirst.text,
      onAuth: (auth, session, callback) => {
        authenticate(auth, session).then((answer) => {
          if ('code' in answer) return callback(new ReplyError(answer));
          accounts.set(session, answer);
          callback(null, { user: answer.address });
        }, callback);
      },
      onSecure: (socket, session, callback) => {
        reception.secured(session, socket);
        callback();
      },
      onMailFrom: (address, session, callback) => {
        const account = accounts.get(session);
        reception
          .mail(session, address, account ? { account } : {})
          .then((refusal) => callback(refusal && new ReplyError(refusal)), callback);
      },
      onRcptTo: (address, session, callback) => {
        reception.rcpt(session, address).then((refusal) => callback(refusal && new ReplyError(refusal)), callback);
      },
    },
  );
}
