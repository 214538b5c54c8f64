// One line of a file of operations on professional mailboxes, understood: what `passerelle address` would be told, many times over.
import type { AddressChanges, NewAddress } from '../../../directory/addresses.ts';
import type { Professional } from '../../../directory/registry.ts';
import type { BoxState } from '../../../directory/states.ts';
import type { Address } from '../../core/address.ts';

/** What to do. `person` and `structure` come into the registry with a mailbox that is new. */
export type Operation = {
  /** 1 is the file's first line, the header. */
  readonly line: number;
  readonly action: Action;
  readonly address: Address;
} & (
  | {
      readonly does: 'create';
      readonly box: NewAddress;
      readonly person?: Professional;
      readonly structure?: { structureId: string; name: string };
    }
  | { readonly does: 'move'; readonly to: BoxState }
  | { readonly does: 'change'; readonly changes: AddressChanges }
);

/** A line that was not understood, or not taken. Nothing of the line is repeated but a column's name. */
export type RefusedLine = { readonly line: number; readonly column?: string; readonly sentence: string };

/** The actions, by the verbs of `passerelle address`, and the word for each in French. */
export const actions = {
  create: 'creer',
  update: 'modifier',
  open: 'ouvrir',
  suspend: 'suspendre',
  close: 'fermer',
  reopen: 'rouvrir',
  publish: 'publier',
  unpublish: 'retirer',
  'red-list': 'liste-rouge',
} as const;

/** One of them. */
export type Action = keyof typeof actions;

/** The columns, each once, in any order; `action` and `adresse` must be there. */
export const columns = [
  'action',
  'adresse',
  'type',
  'libelle',
  'rpps',
  'structure',
  'description',
  'service',
  'liste_rouge',
  'publiee',
  'sans_papier',
  'preferee',
  'preparee',
  'civilite',
  'nom',
  'prenom',
  'profession',
  'nom_structure',
] as const;

/** One of them. */
export type Column = (typeof columns)[number];
