// What a door decides for its connections, and what a connection asks of the server that made it: known to both, so that neither
// needs the other's file.
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import type { DoorLimits } from './door-options.ts';
import type { Reply } from './replies.ts';

/** The decisions of one door. */
export type ConnectionRules = {
  readonly limits: DoorLimits;
  readonly maxLineBytes: number;
  readonly maxLetterBytes: number;
  readonly offersAuth: boolean;
  /** The opening time is over for this connection: it has shown who it is. */
  isAdmitted(connection: SMTPConnection): boolean;
  /** Takes one letter and says what to answer. Never rejects. */
  takeLetter(session: SMTPServerSession, stream: SMTPServerDataStream): Promise<Reply>;
};

/** The server as its connections see it. */
export interface ConnectionHome {
  readonly rules: ConnectionRules;
  /** Connections open now. */
  readonly connections: { readonly size: number };
  /** A letter is being delivered: the door waits for it when it closes. */
  track(handled: Promise<void>): void;
  /** The connection's socket is gone. */
  forget(connection: SMTPConnection): void;
}
