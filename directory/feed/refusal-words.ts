// Why a feed, or a line of it, was not taken, for people.
import type { Reject } from '../imports/rejects.ts';
import type { SourceTrouble } from '../imports/source-file.ts';
import type { FeedRefusal, RefusedLine } from './feed-line.ts';
import type { HeaderTrouble } from './read-csv.ts';

/** Why a line is not taken, or not whole, in French. */
export const refusalWords: Readonly<Record<FeedRefusal, string>> = {
  'too-long': 'Ligne trop longue.',
  'not-utf8': 'Texte illisible : le fichier doit être en UTF-8.',
  quotes: 'Guillemets mal placés ou jamais refermés.',
  'cell-count': 'Nombre de cases différent de celui de l’en-tête.',
  'ldif-syntax': 'Enregistrement LDIF mal formé.',
  'ldif-change': 'Modification LDIF non prise en charge : ajoutez, remplacez ou effacez des attributs entiers.',
  'value-missing': 'Valeur absente.',
  'value-invalid': 'Valeur non valable.',
  'several-values': 'Plusieurs valeurs là où une seule est attendue.',
  'citizen-unknown': 'Personne inconnue : seule une ligne complète peut la créer.',
  'state-impossible': 'La boîte ne peut pas passer à cet état depuis celui où elle est.',
  'matricule-of-another': 'Un de ces matricules est celui de quelqu’un d’autre.',
  'guardian-circle': 'Cette personne agirait pour qui agit pour elle : ligne prise, sans ce représentant.',
};

/** A refusal as the books of imports keep it. */
export function rejectOf({ line, column, because }: RefusedLine): Reject {
  return { line, ...(column && { column }), reason: because, sentence: refusalWords[because], isTaken: because === 'guardian-circle' };
}

/** Why a whole file is not taken, in French. */
export const troubleWords: Readonly<Record<SourceTrouble | HeaderTrouble['trouble'], string>> = {
  missing: 'Ce fichier n’existe pas.',
  unreadable: 'Ce fichier ne peut pas être lu.',
  changed: 'Ce fichier a changé pendant sa lecture : donnez-le à nouveau.',
  empty: 'Ce fichier est vide.',
  'too-large': 'Ce fichier est trop grand.',
  'damaged-archive': 'Cette archive ZIP est endommagée.',
  several: 'Cette archive ZIP doit contenir un seul fichier.',
  'no-header': 'La première ligne n’est pas l’en-tête attendu.',
  'columns-missing': 'Il manque des colonnes à l’en-tête.',
  'columns-repeated': 'Des colonnes sont répétées dans l’en-tête.',
};
