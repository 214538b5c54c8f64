// One attempt of one outbox row: the only place that turns how a task ended, or what it threw, into the row's state.
import { UnavailableError } from '../core/errors.ts';
import { type BegunRow, beginAttempt, markDead, markDone, markRetry } from '../delivery/outbox.ts';
import { withoutMessage } from './events.ts';
import { nextAttempt, type RetrySchedule } from './retry.ts';
import type { AnyTask, TaskContext, TaskResult } from './task.ts';

/** How long a row that is being worked on is kept from the sweep. Past it, handing over again is ignored while its job lives. */
const attemptLeaseMs = 2 * 60_000;

// A payload that is undefined leaves the row's own as it stands.

/** For a kind this program does not know: an older process during an upgrade. A newer one will take it. */
const unknownKindRetry: RetrySchedule = { firstDelayMs: 60_000, longestDelayMs: 60 * 60_000, giveUpAfterMs: 5 * 24 * 3_600_000 };

/**
 * Makes one attempt at a row. A row that is finished is left alone. Rejects only when the row's state could not be written
 * (the database went away): the lease then brings the row back.
 */
export async function runRow(context: TaskContext, tasks: ReadonlyMap<string, AnyTask>, rowId: string): Promise<void> {
  const row = await beginAttempt(context.db, rowId, context.clock(), attemptLeaseMs);
  if (!row) return;
  const known = tasks.get(row.kind);
  const result = known ? await attempt(context, known, row) : ({ do: 'again', because: 'unknown-kind', payload: undefined } as const);
  await record(context, row, known?.retry ?? unknownKindRetry, result);
}

async function attempt(context: TaskContext, known: AnyTask, row: BegunRow): Promise<TaskResult<unknown>> {
  try {
    return (await known.attempt(context, row.payload)) ?? { do: 'give-up', because: 'payload-invalid', payload: undefined };
  } catch (error) {
    if (error instanceof UnavailableError) return { do: 'again', because: 'unavailable', payload: undefined };
    context.events.taskCrashed({ task: row.kind, rowId: row.id, ...withoutMessage(error) });
    return { do: 'again', because: 'crashed', payload: undefined };
  }
}

async function record(context: TaskContext, row: BegunRow, retry: RetrySchedule, result: TaskResult<unknown>): Promise<void> {
  const now = context.clock();
  if (result.do === 'done') return markDone(context.db, row.id, now);
  const facts = { task: row.kind, rowId: row.id, attempts: row.attempts, because: result.because };
  const at = result.do === 'again' ? nextAttempt(retry, { ...row, now, chance: Math.random() }) : undefined;
  if (at) {
    await markRetry(context.db, row.id, at, result.because, result.payload);
    return context.events.taskPostponed({ ...facts, at });
  }
  await markDead(context.db, row.id, now, result.because, result.payload);
  context.events.taskDead(facts);
}
