// `passerelle notice test`: sends one notice now, and says what the server that takes them answered.
import type { Command } from 'commander';
import { readNoticePreference, recordNoticeAnswer } from '../../../policies/notice-preferences.ts';
import type { Address } from '../../core/address.ts';
import { RefusedError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { composeNotice } from '../../mail/notices/compose-notice.ts';
import { oneLine } from '../../mail/one-line.ts';
import { serviceName } from '../../pipeline/service-name.ts';
import { openSmarthost, type SmarthostCode, sendToSmarthost } from '../../relay/smarthost.ts';
import { UsageError } from '../failures.ts';
import { nameCitizen } from '../name-parties.ts';
import { operatorCommand } from '../operator-command.ts';
import { type CommandWorld, withDatabase } from '../with-database.ts';
import { ordinaryAddress } from './set-notices.ts';

const longestReply = 500;

const refusals: Readonly<Record<SmarthostCode, string>> = {
  'address-refused': 'Le serveur des avis refuse cette adresse',
  'letter-refused': 'Le serveur des avis refuse cet avis',
  'put-off': 'Le serveur des avis demande de réessayer plus tard',
  'smarthost-unreachable': 'Le serveur des avis ne répond pas, ou pas avec le TLS demandé',
  'smarthost-refuses-us': 'Le serveur des avis refuse ce que la passerelle lui présente',
  'smarthost-without-tls': 'Le serveur des avis n’offre pas TLS : le mot de passe n’a pas été envoyé',
};

/** It says that it is a test: nothing waits. The quiet period of the citizen is left alone. */
export function testNoticesCommand(): Command {
  return operatorCommand('test', 'Envoie un avis d’essai, et dit ce que le serveur des avis a répondu')
    .argument('[citoyen]', 'matricule INS ou adresse du citoyen, averti à l’adresse qu’il a donnée ; « - » le lit sur l’entrée standard')
    .option('--to <adresse>', 'ou bien cette adresse ordinaire')
    .action(
      withDatabase<[string | undefined], { to?: string }>(async (world, [typedCitizen], options) => {
        const { config, db, now } = world;
        const smarthost = await openSmarthost(config.notices, config.hostname);
        if (!smarthost) throw new RefusedError('no-smarthost', 'Aucun serveur ne prend les avis : le réglage notices.smarthost est absent');
        const { citizenId, to } = await nameReader(world, typedCitizen, options.to);
        const { readAt, changeAt } = config.notices;
        const messageId = `<${newId(now.getTime())}@${config.hostname}>`;
        const from = { name: serviceName, address: smarthost.from };
        const answer = await sendToSmarthost(smarthost, {
          to,
          bytes: composeNotice({ from, to, now, messageId, readAt, changeAt, isTest: true }),
        });
        const reply = oneLine(answer.reply, longestReply);
        if (answer.do !== 'taken')
          throw new RefusedError(answer.because, reply === '' ? refusals[answer.because] : `${refusals[answer.because]} : ${reply}`);
        if (citizenId !== undefined) await db.transaction().execute((trx) => recordNoticeAnswer(trx, citizenId, to, 'taken'));
        return { json: { to, reply, messageId }, text: `Avis d’essai remis pour ${to} : ${reply}` };
      }),
    );
}

async function nameReader(
  world: CommandWorld,
  typedCitizen: string | undefined,
  typedAddress: string | undefined,
): Promise<{ readonly citizenId?: number; readonly to: Address }> {
  if ((typedCitizen === undefined) === (typedAddress === undefined))
    throw new UsageError('À qui ? Un citoyen, ou bien --to et une adresse.');
  if (typedAddress !== undefined) return { to: ordinaryAddress(world, typedAddress) };
  const citizenId = await nameCitizen(world, typedCitizen ?? '');
  const preference = await readNoticePreference(world.db, citizenId);
  if (!preference) throw new RefusedError('no-notices', 'Ce citoyen n’a donné aucune adresse ordinaire');
  return { citizenId, to: preference.address };
}
