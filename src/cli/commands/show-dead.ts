// `passerelle dead show`: all that was tried for a piece of work, and what became of it since.
import type { Command } from 'commander';
import { type DeadRowWhole, readDead } from '../../delivery/dead-letters.ts';
import type { HistoryLine } from '../../delivery/outbox-history.ts';
import { readParties } from '../../delivery/outbox-parties.ts';
import { dateText, tableText } from '../answer.ts';
import { kindsOf, nameWork, noSuchWork, peopleText, workHelp, workStates, workText } from '../dead-work.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

const endings = { again: 'à refaire', dead: 'abandonné', retried: 'repris' } as const satisfies Record<HistoryLine['is'], string>;

/** Whom it concerns is told by kinds of people; `--full` shows their addresses, and still nothing of a content. */
export function showDeadCommand(): Command {
  return operatorCommand('show', 'Montre un travail abandonné : ce qui fut essayé, et ce qu’il est devenu')
    .argument('<identifiant>', workHelp.id)
    .option('--full', 'montre aussi les adresses ; celle d’un citoyen contient son matricule')
    .action(
      withDatabase<[string], { full?: true }>(async (world, [typed], { full }) => {
        const id = nameWork(typed);
        const row = await readDead(world.db, id);
        if (!row) throw noSuchWork();
        const parties = await readParties(world.db, id);
        const kinds = kindsOf(world, parties);
        const people = full
          ? [`De           ${parties.senders.join(', ')}`, `Pour         ${parties.recipients.join(', ')}`]
          : [`De           ${peopleText(kinds.senders)}`, `Pour         ${peopleText(kinds.recipients)}`];
        return {
          json: { ...row, concerns: kinds, ...(full && { addresses: parties }) },
          text: [...factsText(row), ...people, ...toldText(row), '', historyText(row.history)].join('\n'),
        };
      }),
    );
}

function factsText(row: DeadRowWhole): string[] {
  const { decision } = row;
  return [
    `Travail      ${workText(row.kind)} (${row.kind})`,
    `État         ${workStates[row.state]}${row.finishedAt ? `, le ${dateText(row.finishedAt)}` : ''}`,
    ...(decision ? [`Écarté par   ${decision.by} : ${decision.reason}`] : []),
    `Dû depuis    ${dateText(row.createdAt)}`,
    ...(row.retriedAt ? [`Repris       ${dateText(row.retriedAt)}`] : []),
    `Essais       ${row.attempts}`,
    `Motif        ${row.because ?? 'aucun'}`,
  ];
}

function toldText({ toldAt }: DeadRowWhole): string[] {
  return toldAt ? [`Déjà dit     l’échec a été annoncé le ${dateText(toldAt)} à l’expéditeur, s’il voulait le savoir`] : [];
}

function historyText(history: readonly HistoryLine[]): string {
  if (history.length === 0) return 'Aucun essai n’a été noté.';
  return tableText(
    ['Quand', 'Essai', 'Fin', 'Motif'],
    history.map((line) => [dateText(line.at), String(line.attempt), endings[line.is], line.code ?? (line.by ? `par ${line.by}` : '')]),
  );
}
