// One attempt of one outbox row: the only place that turns how a task ended, or what it threw, into the row's state.
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { UnavailableError } from '../core/errors.ts';
import { type BegunRow, markDead, markRetry, settleRows, waitingRows } from '../delivery/outbox.ts';
import { holdsAttempt } from '../delivery/outbox-leases.ts';
import { withoutMessage } from './events.ts';
import { keepWriting } from './keep-writing.ts';
import { nextAttempt, type RetrySchedule } from './retry.ts';
import type { RowSettler } from './settle-rows.ts';
import type { AnyTask, Consequence, TaskContext, TaskResult, TaskServices } from './task.ts';

/** For a kind this program does not know: an older process during an upgrade. A newer one will take it. */
const unknownKindRetry: RetrySchedule = { firstDelayMs: 60_000, longestDelayMs: 60 * 60_000, giveUpAfterMs: 5 * 24 * 3_600_000 };

/**
 * Makes the attempt that was begun. Rejects only when the row's state could not be written (the database stayed away): the lease then
 * brings the row back.
 */
export async function runRow(
  services: TaskServices & { readonly signal: AbortSignal },
  tasks: ReadonlyMap<string, AnyTask>,
  settler: RowSettler,
  row: BegunRow,
): Promise<void> {
  const context = { ...services, rowId: row.id };
  const known = tasks.get(row.kind);
  const result = known ? await attempt(context, known, row) : ({ do: 'again', because: 'unknown-kind' } as const);
  await keepWriting(context.signal, () => record(context, settler, row, known, result));
}

async function attempt(context: TaskContext, known: AnyTask, row: BegunRow): Promise<TaskResult<unknown>> {
  try {
    return (await known.attempt(context, row.payload)) ?? { do: 'give-up', because: 'payload-invalid' };
  } catch (error) {
    if (error instanceof UnavailableError) return { do: 'again', because: 'unavailable' };
    if (context.signal.aborted) return { do: 'again', because: 'gateway-stopped' };
    context.events.taskCrashed({ task: row.kind, rowId: row.id, ...withoutMessage(error) });
    return { do: 'again', because: 'crashed' };
  }
}

async function record(
  context: TaskContext,
  settler: RowSettler,
  row: BegunRow,
  known: AnyTask | undefined,
  result: TaskResult<unknown>,
): Promise<void> {
  const now = context.clock();
  if (result.do === 'done') {
    const { also } = result;
    if (also) await write(context, row, also, 'done', (trx) => settleRows(trx, [row.id], now));
    else await settler.settle(row.id);
    context.events.taskDone({ task: row.kind });
    return;
  }
  const { because, payload } = result;
  const facts = { task: row.kind, rowId: row.id, attempts: row.attempts, because };
  const retry = known?.retry(context) ?? unknownKindRetry;
  const scheduled = () => nextAttempt(retry, { ...row.schedule, now, chance: Math.random() });
  // An attempt that we broke off says nothing about the other side: another process may try at once.
  const again = () => (context.signal.aborted ? now : scheduled());
  const at = result.do === 'again' ? again() : undefined;
  if (at) {
    const isOwed = await write(context, row, result.also, 'not-done', (trx) => markRetry(trx, row.id, at, { now, because, payload }));
    if (isOwed) context.events.taskPostponed({ ...facts, at });
    return;
  }
  const alsoGivenUp = await known?.givenUp(context, payload ?? row.payload, because);
  const isOwed = await write(context, row, result.also, 'not-done', async (trx) => {
    await alsoGivenUp?.(trx, now);
    await markDead(trx, row.id, { now, because, payload, isTold: alsoGivenUp !== undefined });
  });
  if (isOwed) context.events.taskDead(facts);
}

/**
 * False when nothing more follows from this attempt: the row was finished meanwhile, in the delivery it carried out or by another
 * process; or the attempt did not succeed and its lease had ended, so that the outcome is another attempt's to tell.
 */
async function write(
  context: TaskContext,
  row: BegunRow,
  also: Consequence | undefined,
  outcome: 'done' | 'not-done',
  mark: Consequence,
): Promise<boolean> {
  return await inTransaction(context.db, async (trx) => {
    const isOurs = outcome === 'done' ? (await waitingRows(trx, [row.id])).has(row.id) : await holdsAttempt(trx, row);
    if (!isOurs) return false;
    const now = context.clock();
    await also?.(trx, now);
    await mark(trx, now);
    return true;
  });
}
