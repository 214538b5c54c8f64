// What was tried for an outbox row: one line for each attempt that ended without the work being done, and for each time a person had it
// tried again. Codes only, never a peer's words. An attempt that a crash cut short leaves no line: its number is missing.
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';

/** Lines kept of one row: the last ones. */
export const longestHistory = 50;

const historyKind = z.array(
  z.object({
    at: z.iso.datetime().transform((at) => new Date(at)),
    /** Attempts begun by then. */
    attempt: z.int(),
    /** `again`: to be tried again; `dead`: given up; `retried`: a person had it tried again. */
    is: z.literal(['again', 'dead', 'retried']),
    /** Why the attempt did not succeed: a code. */
    code: z.string().exactOptional(),
    /** The person. */
    by: z.string().exactOptional(),
  }),
);

/** One line. */
export type HistoryLine = z.output<typeof historyKind>[number];

/** The lines of a row, the oldest first; none when they were written by a program that kept others. */
export function readHistory(column: unknown): readonly HistoryLine[] {
  return historyKind.safeParse(column).data ?? [];
}

/** The row's history with one more line, to be written in the statement that ends the attempt: the number is the row's own. */
export function addedLine({ at, ...line }: Omit<HistoryLine, 'attempt'>): RawBuilder<unknown> {
  const written = JSON.stringify({ ...line, at: at.toISOString() });
  return sql`
    case when jsonb_array_length(history) < ${longestHistory} then history else history - 0 end
    || jsonb_build_array(${written}::jsonb || jsonb_build_object('attempt', attempts))`;
}
