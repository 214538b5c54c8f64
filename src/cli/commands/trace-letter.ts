// `passerelle trace`: what became of a letter, recipient by recipient. Requirement 46.
import type { Command } from 'commander';
import { RefusedError } from '../../core/errors.ts';
import { type CourseLine, readCourse } from '../../delivery/ledger.ts';
import type { CourseState } from '../../delivery/schema.ts';
import { dateText, tableText } from '../answer.ts';
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

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By Message-ID, with or without its angle brackets, or by the gateway's own identifier, as the answer to DATA and the log give it. */
export function traceLetterCommand(): Command {
  return operatorCommand('trace', 'Retrace le parcours d’un courrier, destinataire par destinataire')
    .argument('<courrier>', 'son Message-ID, ou l’identifiant que la passerelle lui a donné')
    .action(
      withDatabase<[string]>(async (world, [typed]) => {
        const messageId = `<${typed.trim().replace(/^<|>$/g, '')}>`;
        const lines = await readCourse(world.db, uuid.test(typed.trim()) ? { letterId: typed.trim().toLowerCase() } : { messageId });
        if (lines.length === 0) throw new RefusedError('letter-unknown', 'Aucun courrier connu sous ce nom');
        return { json: lines, text: [...byLetter(lines).values()].map(letterText).join('\n\n') };
      }),
    );
}

function byLetter(lines: readonly CourseLine[]): Map<string, CourseLine[]> {
  const letters = new Map<string, CourseLine[]>();
  for (const line of lines) letters.set(line.letterId, [...(letters.get(line.letterId) ?? []), line]);
  return letters;
}

function letterText(lines: readonly CourseLine[]): string {
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
  ].join('\n');
}
