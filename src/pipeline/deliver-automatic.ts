// The last step of every automatic letter: it takes the one path like any other, with a null reverse path (RFC 3834 §3.3), asking for
// no report about itself (RFC 3461 §6.1). Its row is settled in the delivery's own transaction, so that it is delivered once.
// What cannot be delivered is given up with a code, and nobody is told: never a report about a report. Requirements 17 and 37.
import type { Address } from '../core/address.ts';
import { newId } from '../core/ids.ts';
import type { Outcome, Peer } from '../delivery/arrival.ts';
import type { RetrySchedule } from './retry.ts';
import type { TaskContext, TaskResult } from './task.ts';

const minuteMs = 60_000;

/** As letters for other operators: a mailbox that is full may be emptied meanwhile. */
export const automaticRetry: RetrySchedule = { firstDelayMs: minuteMs, longestDelayMs: 120 * minuteMs, giveUpAfterMs: 48 * 60 * minuteMs };

/** The gateway itself, as the other end of its own letters. */
export function ourselves(context: TaskContext): Peer {
  return { heloName: context.hostname, ip: '127.0.0.1', protocol: 'LOCAL' };
}

/** The Message-ID of an automatic letter: its row's, so that the same work always writes the same letter. */
export function automaticMessageId(context: TaskContext): string {
  return `<${context.rowId}@${context.hostname}>`;
}

/** Delivers the bytes of an automatic letter, at once or as they come, to the address it is for. */
export async function deliverAutomatic(
  context: TaskContext,
  to: Address,
  bytes: Buffer | AsyncIterable<Buffer>,
): Promise<TaskResult<never>> {
  const now = context.clock();
  const arrival = {
    id: newId(now.getTime()),
    door: 'pipeline',
    receivedAt: now,
    sender: null,
    peer: ourselves(context),
    settles: context.rowId,
  } as const;
  const outcome = await context.path.deliver(
    arrival,
    [{ address: to, notify: 'never' }],
    Buffer.isBuffer(bytes) ? inOnePiece(bytes) : bytes,
  );
  return resultOf(outcome);
}

/** How the path's answer ends an attempt. */
export function resultOf(outcome: Outcome): TaskResult<never> {
  if (outcome.do === 'accepted') return { do: 'done' };
  return { do: outcome.do === 'defer' ? 'again' : 'give-up', because: outcome.code };
}

async function* inOnePiece(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}
