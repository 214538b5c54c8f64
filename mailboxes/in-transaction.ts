// Runs work in a transaction of its own. Deadlocks and serialization failures are retried, never answered (architecture §3):
// the work is undone by then and is simply done again.
import { setTimeout as delay } from 'node:timers/promises';
import type { Db, Trx } from '../src/database/tables.ts';

const retriedStates = new Set(['40P01', '40001']); // deadlock_detected, serialization_failure
const mostAttempts = 8;

/** The work's result once committed. `work` may run several times: it must touch nothing but the transaction. */
export async function inTransaction<Result>(db: Db, work: (trx: Trx) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === mostAttempts || !retriedStates.has((error as { code?: string }).code ?? '')) throw error;
      await delay(Math.random() * 10 * attempt); // apart from the one it collided with
    }
  }
}
