// `passerelle trace`: what became of a letter, recipient by recipient. Requirement 46.
import type { Command } from 'commander';
import type { CourseLine } from '../../delivery/ledger.ts';
import type { CourseState } from '../../delivery/schema.ts';
import { type Copy, courseOfCopies } from '../../dmp/record-documents.ts';
import { dateText, tableText } from '../answer.ts';
import { copiesText } from '../copy-text.ts';
import { letterHelp, nameLetter } from '../name-letter.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

const stateTexts = {
  queued: 'en attente de départ',
  held: 'retenu',
  relayed: 'transmis à l’autre opérateur',
  delivered: 'distribué',
  refused: 'refusé',
  read: 'lu',
} as const satisfies Record<CourseState, string>;

/** Each recipient, and below what became of the copies of its documents; both in each line of the JSON. */
export function traceLetterCommand(): Command {
  return operatorCommand('trace', 'Retrace le parcours d’un courrier, destinataire par destinataire')
    .argument('<courrier>', letterHelp)
    .action(
      withDatabase<[string]>(async (world, [typed]) => {
        const letters = byLetter(await nameLetter(world.db, typed));
        const copies = await courseOfCopies(world.db, [...letters.keys()]);
        const copiesOf = (letterId: string) => copies.filter((copy) => copy.letterId === letterId);
        return {
          json: [...letters.values()].flat().map((line) => ({ ...line, copies: copiesOf(line.letterId) })),
          text: [...letters].map(([letterId, lines]) => letterText(lines, copiesOf(letterId))).join('\n\n'),
        };
      }),
    );
}

function byLetter(lines: readonly CourseLine[]): Map<string, CourseLine[]> {
  const letters = new Map<string, CourseLine[]>();
  for (const line of lines) letters.set(line.letterId, [...(letters.get(line.letterId) ?? []), line]);
  return letters;
}

function letterText(lines: readonly CourseLine[], copies: readonly Copy[]): string {
  const [first] = lines;
  if (!first) return '';
  const rows = lines.map(({ recipient, state, status, integrationError, times }) => [
    recipient,
    stateTexts[state],
    [status, integrationError].filter((code) => code !== null).join(' '),
    Object.entries(times)
      .sort(([, one], [, other]) => one.getTime() - other.getTime())
      .map(([step, at]) => `${step === 'queued' ? 'pris' : stateTexts[step as CourseState]} ${dateText(at)}`)
      .join(', '),
  ]);
  return [
    `Courrier ${first.letterId}, de ${first.sender}`,
    ...(first.messageId === null ? [] : [`Message-ID ${first.messageId}`]),
    '',
    tableText(['Destinataire', 'État', 'Code', 'Étapes'], rows),
    ...(copies.length > 0 ? ['', copiesText(copies)] : []),
  ].join('\n');
}
