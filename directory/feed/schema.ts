// The tables of directory/feed: guardians named before they are known, and how each source of the registry fares.
import type { Ins } from '../../src/core/ins.ts';
import type { ImportKind } from '../imports/schema.ts';

declare module '../../src/database/tables.ts' {
  interface Tables {
    awaited_guardians: AwaitedGuardiansTable;
    synchronisations: SynchronisationsTable;
  }
}

/** A ward whose guardian the registry does not know yet: attached by the batch of a feed that brings them. */
export interface AwaitedGuardiansTable {
  guardian_ins: Ins;
  ward_id: number;
}

/** When a source was last found up to date, be it that nothing was new. */
export interface SynchronisationsTable {
  kind: ImportKind;
  first_tried_at: Date;
  /** Null until it was once. */
  succeeded_at: Date | null;
}
