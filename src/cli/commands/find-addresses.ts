// `passerelle address find`: the address book as professionals see it. Red-listed and withdrawn mailboxes are not in it. Requirements 19, 23.
import type { Command } from 'commander';
import type { BookEntry } from '../../../directory/book/book-entry.ts';
import type { BookAttribute, BookFilter } from '../../../directory/book/book-filter.ts';
import { searchBook } from '../../../directory/book/search-book.ts';
import { RefusedError } from '../../core/errors.ts';
import { countText, tableText } from '../answer.ts';
import { UsageError } from '../failures.ts';
import { limitHelp, parseLimit } from '../history-text.ts';
import { boxTypes, nameRpps, nameStructure, parseType } from '../name-registered.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

type Options = {
  readonly type?: string;
  readonly profession?: string;
  readonly city?: string;
  readonly rpps?: string;
  readonly structure?: string;
  readonly limit: string;
};

/** Where a word may stand that names nothing more precise. */
const anywhere = [
  'displayName',
  'familyName',
  'givenName',
  'structureName',
  'service',
  'profession',
  'skill',
  'city',
] as const satisfies readonly BookAttribute[];

const mostWords = 10;

/** In the order of addresses. */
export function findAddressesCommand(): Command {
  const command = operatorCommand('find', 'Cherche dans l’annuaire, comme le font les professionnels : ni liste rouge, ni boîte retirée')
    .argument('[mots...]', 'début de noms, de professions, de structures, de communes : tous doivent s’y trouver')
    .option('--profession <texte>', 'début de mots de la profession ou du savoir-faire')
    .option('--city <texte>', 'début de mots de la commune')
    .option('--rpps <numéro>', 'les boîtes d’une personne')
    .option('--structure <numéro>', 'les boîtes d’une structure : FINESS ou SIRET')
    .option('--limit <nombre>', limitHelp, '50');
  const type = command.createOption('--type <type>', 'seulement celles de ce type');
  type.argChoices = [...boxTypes];
  return command.addOption(type).action(
    withDatabase<[readonly string[]], Options>(async ({ db, config }, [words], options) => {
      const limit = parseLimit(options.limit);
      const page = await searchBook(db, { filter: filterOf(words, options), limit, timeLimitMs: config.ldap.timeLimitSeconds * 1000 });
      if (page === 'too-long') throw new RefusedError('search-too-long', 'Cette recherche est trop longue : ajoutez un mot');
      const { entries, isMore } = page;
      const counted = `${countText(entries.length, 'boîte', 'boîtes', 'Aucune boîte')}${isMore ? ' ; il y en a d’autres, --limit en montre davantage' : ''}.`;
      const table = tableText(['Adresse', 'Type', 'Nom', 'Profession', 'Commune'], entries.map(cells));
      return { json: { entries, isMore }, text: entries.length === 0 ? counted : `${counted}\n\n${table}` };
    }),
  );
}

function filterOf(words: readonly string[], options: Options): BookFilter {
  if (words.length > mostWords) throw new UsageError(`Une recherche a ${mostWords} mots au plus.`);
  const wanted: BookFilter[] = words.map((word) => alikeIn(anywhere, word));
  if (options.profession !== undefined) wanted.push(alikeIn(['profession', 'skill'], options.profession));
  if (options.city !== undefined) wanted.push(alikeIn(['city'], options.city));
  if (options.rpps !== undefined) wanted.push({ is: 'equal', attribute: 'rpps', value: nameRpps(options.rpps) });
  if (options.structure !== undefined) wanted.push({ is: 'equal', attribute: 'structureId', value: nameStructure(options.structure) });
  if (options.type !== undefined) wanted.push({ is: 'equal', attribute: 'type', value: parseType(options.type) });
  if (wanted.length === 0) throw new UsageError('Une recherche a au moins un mot, ou une option.');
  return { is: 'and', of: wanted };
}

function alikeIn(attributes: readonly BookAttribute[], value: string): BookFilter {
  return { is: 'or', of: attributes.map((attribute) => ({ is: 'alike', attribute, value })) };
}

function cells(entry: BookEntry): string[] {
  return [entry.address, entry.type, entry.displayName, entry.professions.join(', '), entry.cities.join(', ')];
}
