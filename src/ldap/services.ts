// What the LDAP door is given, and the limits it keeps: everything a connection may use that is not its own.
import type { SecureContext } from 'node:tls';
import type { LookUpAnswer } from '../../directory/look-up.ts';
import type { Account } from '../accounts/account.ts';
import type { WatchAccount } from '../accounts/account-watch.ts';
import type { Address } from '../core/address.ts';
import type { AtMost } from '../core/at-most.ts';
import type { Clock } from '../core/clock.ts';
import type { Ins } from '../core/ins.ts';
import type { Db } from '../database/tables.ts';
import type { Share } from './bound-connections.ts';
import type { Tree } from './tree.ts';

/** Who is connecting; undefined when login and password do not go together. */
export type Authenticate = (login: string, password: string) => Promise<Account | undefined>;

/** What the door tells the house about itself. Nothing here may carry a name, an address or what was searched. */
export interface LdapEvents {
  connectionOpened(): void;
  connectionClosed(): void;
  /** A bind with a password was tried; `accepted` says how it ended. */
  bound(accepted: boolean): void;
  /** An operation failed through our own fault or the database's. `operation` is its name alone. */
  operationFailed(operation: string, error: unknown): void;
}

/** Bounds of the door; see `ldapLimits` for the values in force unless the configuration says otherwise. */
export type LdapLimits = {
  /** Connections open at once, both ports together. */
  readonly maxConnections: number;
  /** Connections bound to one address at once. */
  readonly maxConnectionsPerAddress: number;
  /** From the connection to the first bind that succeeds, whatever is said meanwhile. */
  readonly bindTimeoutMs: number;
  /** Silence after which a bound client is let go. */
  readonly idleTimeoutMs: number;
  /** From the first byte of a message to its last. */
  readonly messageTimeoutMs: number;
  /** Wait before a refused bind is answered. */
  readonly refusedBindDelayMs: number;
  readonly maxRefusedBinds: number;
  /** Requests in a row that cannot be read, before the connection is closed. */
  readonly maxBadRequests: number;
  /** Longest request, before and after the bind. */
  readonly maxMessageBytesBeforeBind: number;
  readonly maxMessageBytes: number;
  /** Requests read ahead of their turn: what comes after them waits in the network. */
  readonly maxWaiting: number;
  /** Searches that use the database at once, of all connections: a crowd of them leaves letters their share. */
  readonly maxSearches: number;
  /** Of these, those of one address. */
  readonly maxSearchesPerAddress: number;
  /** Entries one search answers at most, whatever its pages. */
  readonly maxEntries: number;
  /** Longest search. */
  readonly searchTimeLimitMs: number;
  /** Exact questions about citizens, for one professional in any hour. */
  readonly citizenQuestionsPerHour: number;
  /** How long a request that is being served while the door closes may still take. */
  readonly closingGraceMs: number;
};

/** The limits of a gateway in service. */
export const ldapLimits: LdapLimits = {
  maxConnections: 2_000,
  maxConnectionsPerAddress: 50,
  bindTimeoutMs: 60_000,
  idleTimeoutMs: 30 * 60_000,
  messageTimeoutMs: 30_000,
  refusedBindDelayMs: 1_000,
  maxRefusedBinds: 3,
  maxBadRequests: 10,
  maxMessageBytesBeforeBind: 16 * 1024,
  maxMessageBytes: 128 * 1024,
  maxWaiting: 16,
  maxSearches: 4,
  maxSearchesPerAddress: 2,
  maxEntries: 200,
  searchTimeLimitMs: 10_000,
  citizenQuestionsPerHour: 60,
  closingGraceMs: 2_000,
};

/** Shared by all connections of one server. */
export type LdapServices = {
  readonly db: Db;
  readonly authenticate: Authenticate;
  readonly watchAccount: WatchAccount;
  /** Asks other directories about a matricule that nobody has here; absent when there are none. */
  readonly lookUp?: (ins: Ins, options: { readonly signal: AbortSignal }) => Promise<LookUpAnswer>;
  readonly citizensDomain: string;
  readonly tree: Tree;
  readonly events: LdapEvents;
  readonly limits: LdapLimits;
  readonly secureContext: SecureContext;
  readonly clock: Clock;
  readonly searchGate: AtMost;
  /** What each address that is bound has of the door. */
  readonly bound: Map<Address, Share>;
};
