// Rows that are done and owe nothing more are marked so together, in one transaction for all that end in the same moment.
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { GroupCommit } from '../delivery/group-commit.ts';
import { settleRows } from '../delivery/outbox.ts';
import type { TaskServices } from './task.ts';

const mostRows = 256;
const mostGroups = 2;

/** Marks rows done, a group at a time. */
export class RowSettler {
  readonly #groups: GroupCommit<string, true>;

  constructor({ db, clock }: Pick<TaskServices, 'db' | 'clock'>) {
    this.#groups = new GroupCommit<string, true>({
      maxItems: mostRows,
      maxGroups: mostGroups,
      commit: async (ids) => {
        await inTransaction(db, (trx) => settleRows(trx, ids, clock()));
        return ids.map(() => true);
      },
    });
  }

  /** Resolves once that is written. Twice is harmless. */
  async settle(rowId: string): Promise<void> {
    await this.#groups.submit(rowId);
  }
}
