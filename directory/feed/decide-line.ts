// What one line of a feed changes, given everybody it may speak of. Pure: the same for a dry run and for the real one.
//
// A line never undoes: `créé` opens nothing that was shut, a matricule that somebody had before changes nothing of their traits, and an
// impossible step of the life cycle refuses the whole line. So the order of people in a file, and a file given twice, do not matter.
import { type Ins, insArcOf } from '../../src/core/ins.ts';
import { type CitizenState, citizenMayBecome, opennessOf } from '../states.ts';
import type { FeedColumn, FeedLine, FeedRefusal } from './feed-line.ts';
import { type FeedRow, feedColumns, type Person, type RegistryImage } from './registry-image.ts';

/** What became of a line: written into the image, or refused, the image being as before. */
export type LineOutcome =
  | { readonly is: 'created' | 'changed' | 'unchanged'; readonly isStateChanged: boolean }
  | { readonly is: 'refused'; readonly because: FeedRefusal; readonly column: FeedColumn };

/** Applies a line to the image. */
export function decideLine(image: RegistryImage, line: FeedLine): LineOutcome {
  const owners = new Set([line.ins, ...line.formers].flatMap((ins) => image.get(ins) ?? []));
  if (owners.size > 1) return { is: 'refused', because: 'matricule-of-another', column: 'matricule_precedent' };
  const [person] = owners;
  return person ? change(image, person, line) : create(image, line);
}

function create(image: RegistryImage, line: FeedLine): LineOutcome {
  const { ins, birthName, firstGivenName, birthDate, sex } = line;
  if (birthName === undefined || firstGivenName === undefined || birthDate === undefined || sex === undefined || !line.isWhole) {
    return { is: 'refused', because: 'citizen-unknown', column: 'matricule' };
  }
  const row: FeedRow = {
    ins,
    ins_arc: line.arc ?? insArcOf(ins),
    qualified: line.qualified ?? false,
    birth_name: birthName,
    first_given_name: firstGivenName,
    given_names: line.givenNames ?? null,
    used_name: line.usedName ?? null,
    used_given_name: line.usedGivenName ?? null,
    birth_date: birthDate,
    birth_place: line.birthPlace ?? null,
    sex,
    state: line.state ?? 'created',
  };
  const person: Person = { citizenId: undefined, before: undefined, row, newFormers: new Set(line.formers), guardians: line.guardians };
  for (const known of [ins, ...line.formers]) image.set(known, person);
  return { is: 'created', isStateChanged: false };
}

function change(image: RegistryImage, person: Person, line: FeedLine): LineOutcome {
  const state = nextState(person.row.state, line.state);
  if (state === undefined) return { is: 'refused', because: 'state-impossible', column: 'etat' };
  // Named by a matricule they had before: an older line, which tells nothing new but the state.
  const isOlder = person.row.ins !== line.ins && image.get(line.ins) === person && !line.formers.includes(person.row.ins);
  const row = isOlder ? { ...person.row, state } : { ...merged(person.row, line), state };
  const formers = formersOf(image, person, line, row.ins);
  const isRowChanged = feedColumns.some((column) => row[column] !== person.row[column]);
  const isStateChanged = state !== person.row.state;
  person.row = row;
  for (const former of formers) {
    person.newFormers.add(former);
    image.set(former, person);
  }
  person.newFormers.delete(row.ins);
  image.set(row.ins, person);
  if (!isOlder && line.guardians) person.guardians = line.guardians;
  return { is: isRowChanged || formers.length > 0 ? 'changed' : 'unchanged', isStateChanged };
}

/** Matricules they are not known by yet, and the one they leave. */
function formersOf(image: RegistryImage, person: Person, line: FeedLine, ins: Ins): Ins[] {
  const left = person.row.ins === ins ? [] : [person.row.ins];
  return [...new Set([...line.formers.filter((former) => !image.has(former)), ...left])].filter((former) => former !== ins);
}

function merged(row: FeedRow, line: FeedLine): FeedRow {
  const isAnother = row.ins !== line.ins;
  // An identity of a test stays one, unless the feed says otherwise.
  const arc = line.arc ?? (isAnother && row.ins_arc <= 9 ? insArcOf(line.ins) : row.ins_arc);
  return {
    ins: line.ins,
    ins_arc: arc,
    qualified: line.qualified ?? row.qualified,
    birth_name: line.birthName ?? row.birth_name,
    first_given_name: line.firstGivenName ?? row.first_given_name,
    given_names: line.givenNames === undefined ? row.given_names : line.givenNames,
    used_name: line.usedName === undefined ? row.used_name : line.usedName,
    used_given_name: line.usedGivenName === undefined ? row.used_given_name : line.usedGivenName,
    birth_date: line.birthDate ?? row.birth_date,
    birth_place: line.birthPlace === undefined ? row.birth_place : line.birthPlace,
    sex: line.sex ?? row.sex,
    state: row.state,
  };
}

/** Undefined for a step that the life cycle does not know. A feed that says of an open mailbox that it is open changes nothing. */
function nextState(from: CitizenState, said: CitizenState | undefined): CitizenState | undefined {
  if (said === undefined || said === 'created' || said === from) return from;
  if (said === 'reopened' && opennessOf(from) === 'active') return from;
  return citizenMayBecome(from, said) ? said : undefined;
}
