// `passerelle dead retry`: work that was given up is owed again, one piece or all of it.
import type { Command } from 'commander';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { type RowsToRetry, retryDead } from '../../delivery/dead-letters.ts';
import { type Answer, countText } from '../answer.ts';
import { nameWork, noSuchWork, workHelp } from '../dead-work.ts';
import { UsageError } from '../failures.ts';
import { whoDecides } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';

/** Rows in one transaction: a gateway at work does not wait behind a month of them. */
const batchRows = 500;

type Retried = Awaited<ReturnType<typeof retryDead>>;
type Options = { all?: true; kind?: string; by?: string };

/** Its schedule begins anew. What was told of its failure stays told: the answer says so. */
export function retryDeadCommand(): Command {
  return operatorCommand('retry', 'Reprend un travail abandonné, ou tous')
    .argument('[identifiant]', workHelp.id)
    .option('--all', 'tous ceux qui sont abandonnés')
    .option('--kind <sorte>', `avec --all, ${workHelp.kind}`)
    .option('--by <nom>', workHelp.by)
    .action(
      withDatabase<[string | undefined], Options>(async (world, [typed], { all = false, kind, by }) => {
        if ((typed === undefined) !== all) throw new UsageError('Nommez un travail par son identifiant, ou tous par --all.');
        if (kind !== undefined && !all) throw new UsageError('--kind va avec --all.');
        const who = whoDecides(by);
        if (typed !== undefined) {
          const retried = await retry(world, { id: nameWork(typed) }, who);
          if (retried.length === 0) throw noSuchWork();
          return answer(retried);
        }
        const retried: Retried = [];
        for (let batch: Retried; ; ) {
          batch = await retry(world, { kind, limit: batchRows }, who);
          retried.push(...batch);
          if (batch.length < batchRows) return answer(retried);
        }
      }),
    );
}

function retry({ db, now }: CommandWorld, which: RowsToRetry, by: string): Promise<Retried> {
  return inTransaction(db, (trx) => retryDead(trx, which, by, now));
}

function answer(retried: Retried): Answer {
  const told = retried.filter(({ toldAt }) => toldAt !== null).length;
  const taken = countText(retried.length, 'travail est repris', 'travaux sont repris', 'Aucun travail n’est abandonné');
  const toldText = `Pour ${told} d’entre eux, l’échec a déjà été annoncé à l’expéditeur, s’il voulait le savoir : une réussite ne le reprendra pas.`;
  return {
    json: { retried },
    text: [
      retried.length === 0 ? `${taken}.` : `${taken} ; la passerelle s’en charge dès qu’elle tourne, sans promesse de réussite.`,
      ...(told > 0 ? [retried.length === 1 ? toldText.replace('Pour 1 d’entre eux, l’échec', 'Son échec') : toldText] : []),
    ].join('\n'),
  };
}
