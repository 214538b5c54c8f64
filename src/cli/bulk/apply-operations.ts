// Operations on professional mailboxes, applied in one transaction: all of them, or, when some are refused, none unless whoever asks wants
// the others all the same. A dry run is the same work, undone at its end: what it says is what would be.
import { createAddress, updateAddress } from '../../../directory/addresses.ts';
import { changeState } from '../../../directory/change-state.ts';
import { lockAddresses, type RegisteredAddress, readAddresses } from '../../../directory/read-addresses.ts';
import { registerProfessional, registerStructure } from '../../../directory/registry.ts';
import type { Address } from '../../core/address.ts';
import type { Trx } from '../../database/tables.ts';
import { asDecided } from '../author.ts';
import { boxStates, createRefusals } from '../registry-text.ts';
import type { CommandWorld } from '../with-database.ts';
import type { Action, Operation, RefusedLine } from './operation.ts';

/** What became of a line that was understood. `changes` are columns of the registry, before and after. */
export type LineOutcome = { readonly line: number; readonly action: Action; readonly address: Address } & (
  | { readonly result: 'created' | 'unchanged' }
  | { readonly result: 'changed'; readonly changes: Readonly<Record<string, readonly [before: unknown, after: unknown]>> }
  | { readonly result: 'refused'; readonly sentence: string }
);

/** Whether it is for good, and what became of each line. */
export type Applied = { readonly isApplied: boolean; readonly outcomes: readonly LineOutcome[] };

type Wishes = { readonly isDryRun: boolean; readonly keepGoing: boolean; readonly by?: string };

/** Applies them in the order of their lines. `refused` are the lines that were not understood. */
export async function applyOperations(
  world: CommandWorld,
  operations: readonly Operation[],
  refused: readonly RefusedLine[],
  wishes: Wishes,
): Promise<Applied> {
  try {
    const outcomes = await asDecided(world, wishes, async (trx) => {
      const done = await applyAll(world, trx, operations, wishes.isDryRun ? 'Essai' : 'Application');
      const isWhole = refused.length === 0 && done.every(({ result }) => result !== 'refused');
      if (wishes.isDryRun || !(isWhole || wishes.keepGoing)) throw new UndoneError(done);
      return done;
    });
    return { isApplied: true, outcomes };
  } catch (error) {
    if (error instanceof UndoneError) return { isApplied: false, outcomes: error.outcomes };
    throw error;
  }
}

/** Takes everything back, and brings word of what it was. */
class UndoneError extends Error {
  override readonly name = 'UndoneError';
  readonly outcomes: readonly LineOutcome[];
  constructor(outcomes: readonly LineOutcome[]) {
    super('The operations are undone');
    this.outcomes = outcomes;
  }
}

type Known = Map<Address, RegisteredAddress>;

async function applyAll(world: CommandWorld, trx: Trx, operations: readonly Operation[], what: string): Promise<LineOutcome[]> {
  const addresses = [...new Set(operations.map(({ address }) => address))];
  await lockAddresses(trx, addresses);
  const known: Known = await readAddresses(trx, addresses);
  const outcomes: LineOutcome[] = [];
  for (const [at, operation] of operations.entries()) {
    world.signal.throwIfAborted();
    outcomes.push(await applyOne(world, trx, operation, known));
    world.progress.show({ what, done: at + 1, unit: 'lignes', fraction: (at + 1) / operations.length });
  }
  return outcomes;
}

async function applyOne(world: CommandWorld, trx: Trx, operation: Operation, known: Known): Promise<LineOutcome> {
  const { line, action, address } = operation;
  const head = { line, action, address };
  const before = known.get(address);
  const answer = await write(world, trx, operation, before);
  if (typeof answer === 'object') return { ...head, result: 'refused', sentence: answer.sentence };
  if (answer === 'unchanged') return { ...head, result: 'unchanged' };
  const after = (await readAddresses(trx, [address])).get(address);
  if (!after) throw new Error('A mailbox was written, and is not there');
  known.set(address, after);
  return answer === 'created'
    ? { ...head, result: 'created' }
    : { ...head, result: 'changed', changes: differences(before ?? after, after) };
}

type Answer = 'created' | 'changed' | 'unchanged' | { readonly sentence: string };

const unknown = { sentence: 'Aucune boîte professionnelle n’est inscrite à cette adresse.' };

async function write(world: CommandWorld, trx: Trx, operation: Operation, before: RegisteredAddress | undefined): Promise<Answer> {
  switch (operation.does) {
    case 'create': {
      // Holders come with a mailbox that is new: those of one that stands are not touched by a line that may be refused.
      if (!before && operation.person) await registerProfessional(trx, operation.person);
      if (!before && operation.structure) await registerStructure(trx, operation.structure);
      const answer = await createAddress(trx, operation.box);
      if (answer === 'created') return 'created';
      return answer === 'exists' ? 'unchanged' : { sentence: `${createRefusals[answer]}.` };
    }
    case 'move': {
      const answer = await changeState(trx, world.config.hostedDomains.citizens, operation.address, operation.to);
      if (answer === 'unknown') return unknown;
      return answer === 'impossible' ? { sentence: `Ce n’est pas possible d’une boîte ${boxStates[before?.state ?? 'closed']}.` } : answer;
    }
    case 'change': {
      const answer = await updateAddress(trx, operation.address, operation.changes);
      return answer === 'unknown' ? unknown : answer;
    }
  }
}

function differences(before: RegisteredAddress, after: RegisteredAddress): Record<string, readonly [unknown, unknown]> {
  const [one, other] = [told(before), told(after)];
  const columns = Object.keys(one) as (keyof typeof one)[];
  return Object.fromEntries(
    columns.flatMap((column) => (one[column] === other[column] ? [] : [[column, [one[column], other[column]] as const]])),
  );
}

function told(box: RegisteredAddress) {
  return {
    state: box.state,
    label: box.label,
    description: box.description ?? null,
    service: box.service ?? null,
    red_list: box.isRedListed,
    published: box.isPublished,
    paperless: box.isPaperless,
    preferred: box.isPreferred,
  };
}
