// The shape of an operation, and what it may use.
import type { LdapServices } from './services.ts';
import type { Session } from './session.ts';
import type { LdapOperation, RequestControl } from './wire/read-message.ts';
import type { Result, ResultExtras } from './wire/write-answer.ts';

/** An operation that is answered, as read. */
export type AnsweredOperation = Exclude<LdapOperation, { is: 'unbind' | 'abandon' }>;

/** What an operation may use. */
export type OperationContext = {
  readonly services: LdapServices;
  readonly session: Session;
  readonly messageId: number;
  readonly controls: readonly RequestControl[];
  /** Aborts when the client gives the request up, or goes. */
  readonly signal: AbortSignal;
  /** Sends something before the result, at the client's pace. Rejects when the client has gone. */
  send(answer: Buffer): Promise<void>;
  /** Ends the connection, now or at any later time; the reason is told, in French. */
  end(because: string): void;
};

/** How it ended. */
export type OperationOutcome = { readonly result: Result; readonly extras?: ResultExtras };

/** Runs one kind of operation: check what is asked, then who asks, then ask the house, then answer. */
export type RunOperation<Operation extends AnsweredOperation> = (
  operation: Operation,
  context: OperationContext,
) => Promise<OperationOutcome> | OperationOutcome;

/** A refusal, or any result that needs no more than a word. */
export function ends(code: Result['code'], text?: string): OperationOutcome {
  return { result: { code, ...(text !== undefined && { text }) } };
}
