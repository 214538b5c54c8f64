// What a command is: one file of commands/ each, always the same five steps (parse, check state, ask, publish, answer).
// The connection checks the state before, publishes and answers after; a command parses, asks and returns its reply.

import type { ImapServices } from './services.ts';
import type { Session, SessionState } from './session.ts';
import type { CommandReader } from './wire/command-reader.ts';
import type { Cursor } from './wire/cursor.ts';
import type { ResponseWriter } from './wire/response-writer.ts';
import type { StreamedLiteral } from './wire/streamed-literal.ts';

/** The tagged answer. `code` stands between brackets, without them. RFC 3501 §7.1, RFC 5530. */
export type Reply = { readonly status: 'OK' | 'NO' | 'BAD'; readonly code?: string; readonly text: string };

/** Everything a command may use. */
export type CommandContext = {
  readonly services: ImapServices;
  readonly session: Session;
  readonly tag: string;
  /** Stands before the first space. */
  readonly arguments: Cursor;
  /** The message of an APPEND. */
  readonly literal?: StreamedLiteral;
  readonly reader: CommandReader;
  readonly writer: ResponseWriter;
  /** Moves the connection to TLS; the reply has been sent in the clear before. */
  readonly startTls: (replyInClear: () => Promise<void>) => Promise<void>;
};

/** One command of the protocol. */
export type Command = {
  /** As the reader names it: `SELECT`, `UID FETCH`. */
  readonly name: string;
  readonly allowedIn: readonly SessionState[];
  /**
   * What may be told about the selected folder before the tagged answer. `without-expunge` for FETCH, STORE and SEARCH by message number:
   * numbers must not move while they are answered. RFC 3501 §7.4.1.
   */
  readonly publishes: 'all' | 'without-expunge' | 'nothing';
  /** Look for changes even when no wake-up came: the commands a client uses to ask "what is new?". */
  readonly asksForChanges?: boolean;
  /** Undefined when the command has sent its tagged answer itself. */
  run(context: CommandContext): Promise<Reply | undefined>;
};

/** States in which a mailbox is open to the client. */
export const loggedIn: readonly SessionState[] = ['authenticated', 'selected'];

/** Every state. */
export const anyState: readonly SessionState[] = ['not-authenticated', 'authenticated', 'selected'];

/** Done. The texts of OK and BAD are read by developers, in English. */
export function ok(text: string, code?: string): Reply {
  return { status: 'OK', text, ...(code === undefined ? {} : { code }) };
}

/** Refused. Mail programs show this text to people, so it is in French. */
export function no(text: string, code?: string): Reply {
  return { status: 'NO', text, ...(code === undefined ? {} : { code }) };
}

/** Not understood, or out of order. */
export function bad(text: string): Reply {
  return { status: 'BAD', text };
}
