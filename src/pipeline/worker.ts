// One attempt of one outbox row: the only place that turns how a task ended, or what it threw, into the row's state.
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { UnavailableError } from '../core/errors.ts';
import { type BegunRow, beginAttempt, markDead, markRetry, settleRows, waitingRows } from '../delivery/outbox.ts';
import { withoutMessage } from './events.ts';
import { nextAttempt, type RetrySchedule } from './retry.ts';
import type { AnyTask, Consequence, TaskContext, TaskResult, TaskServices } from './task.ts';

/** How long a row that is being worked on is kept from the sweep. Past it, handing over again is ignored while its job lives. */
const attemptLeaseMs = 2 * 60_000;

/** For a kind this program does not know: an older process during an upgrade. A newer one will take it. */
const unknownKindRetry: RetrySchedule = { firstDelayMs: 60_000, longestDelayMs: 60 * 60_000, giveUpAfterMs: 5 * 24 * 3_600_000 };

/**
 * Makes one attempt at a row. A row that is finished is left alone. Rejects only when the row's state could not be written
 * (the database went away): the lease then brings the row back.
 */
export async function runRow(
  services: TaskServices & { readonly signal: AbortSignal },
  tasks: ReadonlyMap<string, AnyTask>,
  rowId: string,
): Promise<void> {
  const row = await beginAttempt(services.db, rowId, services.clock(), attemptLeaseMs);
  if (!row) return;
  const context = { ...services, rowId };
  const known = tasks.get(row.kind);
  const result = known ? await attempt(context, known, row) : ({ do: 'again', because: 'unknown-kind' } as const);
  await record(context, row, known, result);
}

async function attempt(context: TaskContext, known: AnyTask, row: BegunRow): Promise<TaskResult<unknown>> {
  try {
    return (await known.attempt(context, row.payload)) ?? { do: 'give-up', because: 'payload-invalid' };
  } catch (error) {
    if (error instanceof UnavailableError) return { do: 'again', because: 'unavailable' };
    context.events.taskCrashed({ task: row.kind, rowId: row.id, ...withoutMessage(error) });
    return { do: 'again', because: 'crashed' };
  }
}

async function record(context: TaskContext, row: BegunRow, known: AnyTask | undefined, result: TaskResult<unknown>): Promise<void> {
  const now = context.clock();
  if (result.do === 'done') {
    const { also } = result;
    if (also) await write(context, row, also, (trx) => settleRows(trx, [row.id], now));
    else await inTransaction(context.db, (trx) => settleRows(trx, [row.id], now));
    return;
  }
  const { because, payload } = result;
  const facts = { task: row.kind, rowId: row.id, attempts: row.attempts, because };
  const retry = known?.retry ?? unknownKindRetry;
  const at = result.do === 'again' ? nextAttempt(retry, { ...row, now, chance: Math.random() }) : undefined;
  if (at) {
    const isOwed = await write(context, row, result.also, (trx) => markRetry(trx, row.id, at, because, payload));
    if (isOwed) context.events.taskPostponed({ ...facts, at });
    return;
  }
  const alsoGivenUp = await known?.givenUp(context, payload ?? row.payload, because);
  const isOwed = await write(context, row, result.also, async (trx) => {
    await alsoGivenUp?.(trx, now);
    await markDead(trx, row.id, now, because, payload);
  });
  if (isOwed) context.events.taskDead(facts);
}

/** False when the row was finished meanwhile, in the delivery it carried out or by another process: nothing more follows from it. */
async function write(context: TaskContext, row: BegunRow, also: Consequence | undefined, mark: Consequence): Promise<boolean> {
  return await inTransaction(context.db, async (trx) => {
    if (!(await waitingRows(trx, [row.id])).has(row.id)) return false;
    const now = context.clock();
    await also?.(trx, now);
    await mark(trx, now);
    return true;
  });
}
