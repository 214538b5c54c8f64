// One batch of a feed into the registry, in one transaction, line after line as they stand in the file. Twice is harmless: what is there
// already differs in nothing.
import { isDeepStrictEqual } from 'node:util';
import type { Db, Trx } from '../../src/database/tables.ts';
import type { MatriculeMove } from '../matricules.ts';
import { attachGuardians } from './attach-guardians.ts';
import { decideLine, type LineOutcome } from './decide-line.ts';
import type { FeedLine, RefusedLine } from './feed-line.ts';
import { readImage } from './registry-image.ts';
import { changedPeople, lockCitizens, movesIn, writeImage } from './write-image.ts';

/** How many lines did what; `stateChanged` are among `changed`. */
export type LineCounts = { readonly created: number; readonly changed: number; readonly unchanged: number; readonly stateChanged: number };

/** What a batch did, or would do. */
export type BatchOutcome = { readonly counts: LineCounts; readonly refused: readonly RefusedLine[] };

/**
 * Takes along, in the batch's own transaction, what citizens have under the matricule that they leave. Before their rows are locked: whoever
 * changes a mailbox begins with it.
 */
export type MoveAlong = (trx: Trx, moves: readonly MatriculeMove[]) => Promise<void>;

/**
 * Applies a batch. A matricule that somebody else writes at the same moment fails it with 23505 or 40001: it is then to be done again.
 */
export async function applyBatch(trx: Trx, lines: readonly FeedLine[], moveAlong: MoveAlong): Promise<BatchOutcome> {
  let image = await readImage(trx, lines);
  let outcomes = lines.map((line) => decideLine(image, line));
  const changing = changedPeople(image).map((person) => person.citizenId);
  if (changing.length > 0) {
    const moves = movesIn(image);
    if (moves.length > 0) await moveAlong(trx, moves);
    // What is to be written is decided on rows that nobody else changes any more.
    await lockCitizens(trx, changing, moves.length > 0);
    image = await readImage(trx, lines);
    outcomes = lines.map((line) => decideLine(image, line));
    if (!isDeepStrictEqual(movesIn(image), moves)) throw new MovesChangedError('Somebody else has replaced a matricule of the batch');
  }
  const ids = await writeImage(trx, image);
  const people = [...new Set(image.values())];
  const arrived = people.filter((person) => person.citizenId === undefined || person.newFormers.size > 0);
  const { changed, circular } = await attachGuardians(
    trx,
    people.flatMap(({ row, guardians }) => (guardians ? [{ wardId: ids.get(row.ins) ?? 0, guardians }] : [])),
    arrived.flatMap(({ row, newFormers }) => [row.ins, ...newFormers]),
  );
  const wardOf = (line: FeedLine) => (line.guardians ? ids.get(image.get(line.ins)?.row.ins ?? line.ins) : undefined) ?? 0;
  const isTold = (line: FeedLine, wards: ReadonlySet<number>) => wards.size > 0 && wards.has(wardOf(line));
  return {
    counts: count(lines.map((line, at) => withGuardians(outcomes[at] as LineOutcome, isTold(line, changed)))),
    refused: [
      ...refusedLines(lines, outcomes),
      ...lines
        .filter((line, at) => outcomes[at]?.is !== 'refused' && isTold(line, circular))
        .map(({ line }) => ({ line, column: 'representants' as const, because: 'guardian-circle' as const })),
    ],
  };
}

/** Says what a batch would do, without the guardians: they hang on people whom nobody has written. */
export async function planBatch(db: Db, lines: readonly FeedLine[]): Promise<BatchOutcome> {
  const image = await readImage(db, lines);
  const outcomes = lines.map((line) => decideLine(image, line));
  return { counts: count(outcomes), refused: refusedLines(lines, outcomes) };
}

/** What was taken along is not what is to be written any more. With the code of a lost race: the batch is done again. */
class MovesChangedError extends Error {
  override readonly name = 'MovesChangedError';
  readonly code = '40001';
}

function withGuardians(outcome: LineOutcome, isChanged: boolean): LineOutcome {
  return isChanged && outcome.is === 'unchanged' ? { ...outcome, is: 'changed' } : outcome;
}

function refusedLines(lines: readonly FeedLine[], outcomes: readonly LineOutcome[]): RefusedLine[] {
  return outcomes.flatMap((outcome, at) =>
    outcome.is === 'refused' ? [{ line: lines[at]?.line ?? 0, column: outcome.column, because: outcome.because }] : [],
  );
}

function count(outcomes: readonly LineOutcome[]): LineCounts {
  const of = (is: LineOutcome['is']) => outcomes.reduce((sum, outcome) => sum + Number(outcome.is === is), 0);
  const stateChanged = outcomes.reduce((sum, outcome) => sum + Number(outcome.is === 'changed' && outcome.isStateChanged), 0);
  return { created: of('created'), changed: of('changed'), unchanged: of('unchanged'), stateChanged };
}
