// What both SMTP doors are opened with, and what the caller gets back.
import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { DeliveryPath } from '../delivery/arrival.ts';

/** The part of pino the doors use. */
export type DoorLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** An address to listen on; port 0 takes a free one. */
export type Listen = { readonly host: string; readonly port: number };

/** Key and certificate chain, PEM. */
export type TlsIdentity = { readonly key: string; readonly cert: string };

/** Bounds of one door. Times in milliseconds. */
export type DoorLimits = {
  /** Connections served at once; the next one hears 421. */
  readonly maxConnections: number;
  /** Recipients of one letter; the next one hears 452 4.5.3. */
  readonly maxRecipients: number;
  /** From the connection to TLS (mx) or to a successful AUTH (submission). */
  readonly openingMs: number;
  /** Silence of the client. RFC 5321 §4.5.3.2.7 asks for at least five minutes. */
  readonly idleMs: number;
  /** From DATA to the final dot, however steadily bytes drip in. */
  readonly letterMs: number;
  /** What an open transaction gets when the door closes. */
  readonly closeMs: number;
};

/** The bounds of a door in service. */
export const defaultLimits: DoorLimits = {
  maxConnections: 1000,
  maxRecipients: 100,
  openingMs: 60_000,
  idleMs: 300_000,
  letterMs: 1_200_000,
  closeMs: 10_000,
};

/** What both doors need. */
export type DoorOptions = {
  readonly listen: Listen;
  /** Fully qualified name of this host: the greeting, and the domain of a bare `postmaster`. */
  readonly hostname: string;
  readonly tls: TlsIdentity;
  /** Size of an encoded letter, announced as SIZE. Requirement 16. */
  readonly maxLetterBytes: number;
  readonly delivery: DeliveryPath;
  readonly log: DoorLog;
  readonly clock?: Clock;
  readonly limits?: Partial<DoorLimits>;
};

/** An open door. */
export type SmtpDoor = {
  readonly port: number;
  /** Connections open now, for the metrics. */
  connections(): number;
  /** Takes no more, lets open transactions finish for `closeMs`, then cuts. Resolves once no letter is being delivered. */
  close(): Promise<void>;
};
