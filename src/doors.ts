// Opens every door of one process, in the order a letter needs them, and closes them all.
import { readFile } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import { makePeerTable } from '../certs/peer-identity.ts';
import { maxLetterBytes } from './config/schema.ts';
import { type Context, readTlsIdentity } from './context.ts';
import { systemClock } from './core/clock.ts';
import { imapEvents, ldapEvents } from './event-adapters.ts';
import { ImapServer } from './imap/imap-server.ts';
import { LdapServer } from './ldap/ldap-server.ts';
import { openMx } from './smtp/mx-server.ts';
import { openSubmission } from './smtp/submission-server.ts';

/** The ports in use; those that the configuration leaves closed are absent. */
export type Ports = {
  readonly submission: number;
  readonly submissionTls?: number;
  readonly mx?: number;
  readonly imap: number;
  readonly imapTls: number;
  readonly ldap?: number;
  readonly ldapTls?: number;
};

/** Every door of a process. */
export type Doors = { readonly ports: Ports; close(): Promise<void> };

/** How often a client in IDLE hears that the connection lives, in milliseconds. */
const idleKeepAliveMs = 120_000;

/** Opens the doors; when one cannot be opened, those before it are closed and the reason is thrown. */
export async function openDoors(context: Context): Promise<Doors> {
  const { config } = context;
  const tls = await readTlsIdentity(config);
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(closing.splice(0).map((closeDoor) => closeDoor()));
  };
  const smtp = { hostname: config.hostname, tls, maxLetterBytes: maxLetterBytes(config), delivery: context.path, log: context.log };
  try {
    const imap = new ImapServer({
      db: context.database.db,
      blobs: context.blobs,
      wakeups: context.wakeups,
      authenticate: context.authenticate,
      watchAccount: context.watchAccount,
      events: imapEvents(context.events),
      hostname: config.hostname,
      idleKeepAliveMs,
      appendLimitBytes: maxLetterBytes(config),
      tls,
    });
    const imapPorts = await imap.listen({ host: config.imap.host, startTlsPort: config.imap.port, tlsPort: config.imap.tlsPort });
    closing.push(() => imap.close());
    const { host, port, implicitTlsPort } = config.smtp.submission;
    const submission = await openSubmission({
      ...smtp,
      listen: { host, port },
      ...(implicitTlsPort !== undefined && { listenTls: { host, port: implicitTlsPort } }),
      authenticate: context.authenticate,
    });
    closing.push(() => submission.close());
    const { mx: mxConfig } = config.smtp;
    const mx =
      mxConfig.enabled && mxConfig.clientAuthorityFile && mxConfig.peers
        ? await openMx({
            ...smtp,
            listen: { host: mxConfig.host, port: mxConfig.port },
            authority: await readFile(mxConfig.clientAuthorityFile, 'utf8'),
            peers: makePeerTable(mxConfig.peers),
          })
        : undefined;
    if (mx) closing.push(() => mx.close());
    const ldap = config.ldap.enabled ? makeLdapServer(context, tls) : undefined;
    const ldapPorts = await ldap?.listen({ host: config.ldap.host, startTlsPort: config.ldap.port, tlsPort: config.ldap.tlsPort });
    if (ldap) closing.push(() => ldap.close());
    return {
      ports: {
        submission: submission.port,
        ...(submission.tlsPort !== undefined && { submissionTls: submission.tlsPort }),
        ...(mx && { mx: mx.port }),
        imap: imapPorts.startTlsPort,
        imapTls: imapPorts.tlsPort,
        ...(ldapPorts && { ldap: ldapPorts.startTlsPort, ldapTls: ldapPorts.tlsPort }),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function makeLdapServer({ config, database, authenticate, watchAccount, lookUp, events }: Context, tls: SecureContextOptions): LdapServer {
  return new LdapServer({
    db: database.db,
    authenticate,
    watchAccount,
    lookUp: (ins, options) => lookUp.byIns(ins, options),
    citizensDomain: config.hostedDomains.citizens,
    events: ldapEvents(events),
    clock: systemClock,
    baseDn: config.ldap.baseDn,
    tls,
    limits: {
      maxConnections: config.ldap.maxConnections,
      maxEntries: config.ldap.maxEntries,
      searchTimeLimitMs: config.ldap.timeLimitSeconds * 1000,
      citizenQuestionsPerHour: config.ldap.citizenQuestionsPerHour,
    },
  });
}
