// What the IMAP door is given, and the limits it keeps: everything a connection may use that is not its own.
import type { SecureContext } from 'node:tls';
import type { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import type { Wakeups } from '../../mailboxes/wakeups.ts';
import type { Account } from '../accounts/account.ts';
import type { WatchAccount } from '../accounts/account-watch.ts';
import type { Db } from '../database/tables.ts';
import type { RecentMarks } from './recent-marks.ts';

/** Who is connecting; undefined when login and password do not go together. */
export type Authenticate = (login: string, password: string) => Promise<Account | undefined>;

/** What the door tells the house about itself. Nothing here may carry a name, an address or content. */
export interface ImapEvents {
  connectionOpened(): void;
  connectionClosed(): void;
  /** A log-in was tried; `accepted` says how it ended. */
  loggedIn(accepted: boolean): void;
  /** A command failed through our own fault or the database's. `command` is its name alone. */
  commandFailed(command: string, error: unknown): void;
}

/** Bounds of the door; see `imapLimits` for the values in force unless the configuration says otherwise. */
export type ImapLimits = {
  /** Connections open at once, both ports together. */
  readonly maxConnections: number;
  /** Connections logged in to one mailbox at once. */
  readonly maxConnectionsPerMailbox: number;
  /** From the connection to the end of the log-in, whatever is said meanwhile. */
  readonly loginTimeoutMs: number;
  /** Silence after which a logged-in client is let go. RFC 3501 §5.4 wants 30 minutes at least. */
  readonly idleTimeoutMs: number;
  /** Wait before a refused log-in is answered. */
  readonly refusedLoginDelayMs: number;
  readonly maxRefusedLogins: number;
  /** Bad commands in a row before the connection is closed. */
  readonly maxBadCommands: number;
  /** Text and small literals of one command, before and after log-in. */
  readonly maxCommandBytesBeforeLogin: number;
  readonly maxCommandBytes: number;
  /** How long a command that runs while the server closes may still take. */
  readonly closingGraceMs: number;
};

/** The limits of a gateway in service. */
export const imapLimits: ImapLimits = {
  maxConnections: 10_000,
  maxConnectionsPerMailbox: 50,
  loginTimeoutMs: 60_000,
  idleTimeoutMs: 30 * 60_000,
  refusedLoginDelayMs: 1_000,
  maxRefusedLogins: 3,
  maxBadCommands: 10,
  maxCommandBytesBeforeLogin: 8 * 1024,
  maxCommandBytes: 64 * 1024,
  closingGraceMs: 2_000,
};

/** Shared by all connections of one server. */
export type ImapServices = {
  readonly db: Db;
  readonly blobs: BlobStore;
  readonly wakeups: Wakeups;
  readonly authenticate: Authenticate;
  readonly watchAccount: WatchAccount;
  readonly events: ImapEvents;
  readonly limits: ImapLimits;
  readonly secureContext: SecureContext;
  readonly hostname: string;
  /** Between two `* OK` told to a client in IDLE, so that neither it nor a middle box takes the connection for dead. */
  readonly idleKeepAliveMs: number;
  /** Largest message APPEND takes. */
  readonly appendLimitBytes: number;
  readonly recentMarks: RecentMarks;
  /** Connections logged in, by mailbox id. */
  readonly loggedIn: Map<number, number>;
};
