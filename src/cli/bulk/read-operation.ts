// The cells of one line, checked as the options of `passerelle address` are: what they ask for, or why not.
import type { AddressChanges, NewAddress } from '../../../directory/addresses.ts';
import type { BoxState } from '../../../directory/states.ts';
import { type Address, localPart } from '../../core/address.ts';
import { parseIns } from '../../core/ins.ts';
import { UsageError } from '../failures.ts';
import { boxTypes, nameOurs, nameRpps, nameStructure, parseWords, parseYesNo } from '../name-registered.ts';
import { createRefusals } from '../registry-text.ts';
import type { CommandWorld } from '../with-database.ts';
import { type Action, actions, type Column, type Operation } from './operation.ts';

/** What the cells of a line say; those that are empty say nothing. */
export type Cells = ReadonlyMap<Column, string>;

/** Reads a cell, and remembers which: what is thrown next is about it. */
export type ReadCell = (column: Column) => string | undefined;

const wishes: readonly Column[] = ['libelle', 'description', 'service', 'liste_rouge', 'publiee', 'sans_papier', 'preferee'];
const holders: readonly Column[] = ['type', 'rpps', 'structure', 'preparee', 'civilite', 'nom', 'prenom', 'profession', 'nom_structure'];

const moves = { open: 'active', suspend: 'suspended', close: 'closed', reopen: 'reopened' } as const satisfies Partial<
  Record<Action, BoxState>
>;
const marks = {
  publish: { published: true },
  unpublish: { published: false },
  'red-list': { redList: true },
} as const satisfies Partial<Record<Action, AddressChanges>>;

/** The operation. Throws UsageError or RefusedError about the cell that was read last. */
export function readOperation(world: CommandWorld, line: number, cells: Cells, cell: ReadCell): Operation {
  const action = readAction(cell('action'));
  const address = nameOurs(world, cell('adresse') ?? '');
  if (parseIns(localPart(address))) throw new UsageError(`${createRefusals.matricule}.`);
  const taken: readonly Column[] = action === 'create' ? [...wishes, ...holders] : action === 'update' ? wishes : [];
  for (const column of cells.keys()) {
    if (column === 'action' || column === 'adresse' || taken.includes(column)) continue;
    cell(column);
    throw new UsageError('Cette action ne prend rien dans cette colonne.');
  }
  const head = { line, action, address };
  if (action in moves) return { ...head, does: 'move', to: moves[action as keyof typeof moves] };
  if (action in marks) return { ...head, does: 'change', changes: marks[action as keyof typeof marks] };
  if (action === 'create') return { ...head, does: 'create', ...readBox(address, cell) };
  const changes = readChanges(cell);
  if (Object.keys(changes).length === 0) {
    // Of no cell in particular: it is the action that asks for one.
    cell('action');
    throw new UsageError('Rien n’est à modifier : toutes les cases sont vides.');
  }
  return { ...head, does: 'change', changes };
}

function readAction(word: string | undefined): Action {
  const typed = (word ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[ _]/g, '-');
  const found = Object.entries(actions).find(([verb, french]) => verb === typed || french === typed);
  if (!found) throw new UsageError(`Les actions sont ${Object.values(actions).join(', ')}.`);
  return found[0] as Action;
}

function readChanges(cell: ReadCell): AddressChanges {
  const words = (column: Column, most?: number) => {
    const typed = cell(column);
    return typed === undefined ? undefined : parseWords(column, typed, most);
  };
  // A dash takes a text away: an empty cell leaves it as it is.
  const removable = (column: Column, most?: number) => (cell(column) === '-' ? null : words(column, most));
  const answer = (column: Column) => {
    const typed = cell(column);
    return typed === undefined ? undefined : parseYesNo(column, typed.toLowerCase());
  };
  return {
    ...given('label', words('libelle')),
    ...given('description', removable('description', 1000)),
    ...given('service', removable('service')),
    ...given('redList', answer('liste_rouge')),
    ...given('published', answer('publiee')),
    ...given('paperless', answer('sans_papier')),
    ...given('preferred', answer('preferee')),
  };
}

type Box = Omit<Extract<Operation, { does: 'create' }>, 'line' | 'action' | 'address' | 'does'>;

function readBox(address: Address, cell: ReadCell): Box {
  const type = boxTypes.find((one) => one === cell('type')?.toUpperCase());
  if (!type) throw new UsageError(`Le type est ${boxTypes.join(', ')}.`);
  const typedRpps = cell('rpps');
  const rpps = typedRpps === undefined ? undefined : nameRpps(typedRpps);
  if (rpps === undefined && (type === 'PER' || type === 'CAB')) throw new UsageError(`${createRefusals['holder-missing']}.`);
  const typedStructure = cell('structure');
  const structureId = typedStructure === undefined ? undefined : nameStructure(typedStructure);
  if (structureId === undefined && (type === 'ORG' || type === 'APP')) throw new UsageError(`${createRefusals['holder-missing']}.`);
  const label = parseWords('libelle', cell('libelle') ?? '');
  const changes = readChanges(cell);
  const pending = cell('preparee');
  const isPending = pending !== undefined && parseYesNo('preparee', pending.toLowerCase());
  const box: NewAddress = {
    ...changes,
    address,
    type,
    label,
    ...given('rpps', rpps),
    ...given('structureId', structureId),
    state: isPending ? 'pending' : 'active',
  };
  return { box, ...given('person', readPerson(rpps, cell)), ...given('structure', readStructure(structureId, cell)) };
}

function readPerson(rpps: string | undefined, cell: ReadCell): Box['person'] {
  const [civility, givenName, profession, familyName] = [cell('civilite'), cell('prenom'), cell('profession'), cell('nom')];
  if ([civility, familyName, givenName, profession].every((word) => word === undefined)) return undefined;
  if (rpps === undefined || familyName === undefined || givenName === undefined || profession === undefined) {
    throw new UsageError('Une personne s’inscrit par rpps, nom, prenom et profession ensemble.');
  }
  return {
    rpps,
    civility: civility === undefined ? '' : parseWords('civilite', civility, 20),
    familyName: parseWords('nom', familyName),
    givenName: parseWords('prenom', givenName),
    profession: parseWords('profession', profession),
  };
}

function readStructure(structureId: string | undefined, cell: ReadCell): Box['structure'] {
  const name = cell('nom_structure');
  if (name === undefined) return undefined;
  if (structureId === undefined) throw new UsageError('nom_structure va avec structure.');
  return { structureId, name: parseWords('nom_structure', name) };
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { [Name in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [Name in Key]?: Value };
}
