// `passerelle exchange show`: how things stand between a citizen and a correspondent, and since when. Requirements 25 to 33.
import type { Command } from 'commander';
import { type Exchange, readExchange, readStandings } from '../../../policies/register.ts';
import { dateText } from '../answer.ts';
import { correspondentHelp, namePair, standingText } from '../exchange-pair.ts';
import { citizenHelp } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { withDatabase } from '../with-database.ts';

/** Reads the register; changes nothing. */
export function showExchangeCommand(): Command {
  return operatorCommand('show', 'Dit où en est l’échange entre un correspondant et un citoyen, et qui l’a ouvert ou terminé')
    .argument('<correspondant>', correspondentHelp)
    .argument('<citoyen>', citizenHelp)
    .action(
      withDatabase<[string, string]>(async (world, [typedCorrespondent, typedCitizen]) => {
        const pair = await namePair(world, typedCorrespondent, typedCitizen);
        const [standing] = await readStandings(world.db, [pair], world.now);
        if (!standing) throw new Error('Every pair has a standing');
        const { opened, ended } = (await readExchange(world.db, pair)) ?? ({} as Partial<Exchange>);
        return {
          json: { citizenId: pair.citizenId, correspondent: pair.correspondent, ...standing, opened: opened ?? null, ended: ended ?? null },
          text: [
            standingText(standing),
            ...(opened ? [`Ouvert           le ${dateText(opened.at)} par ${opened.by}`] : []),
            ...(ended ? [`Terminé          le ${dateText(ended.at)} par ${ended.by}`] : []),
          ].join('\n'),
        };
      }),
    );
}
